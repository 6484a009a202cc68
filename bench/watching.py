"""How soon a long film shows its pictures in a browser, what a GB costs the program that serves it, and how busy it is.

.venv/bin/python -m bench.watching --size 2G          # chromium plays it from a real `evidock serve`
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, sync_playwright

from bench.harness import EVIDOCK, evidock, own_folder, size_bytes, station, where
from docking_station.faces.board import Board, StationView
from docking_station.faces.stream import Stream
from docking_station.services.looks import READ_BYTES

FIRST_MS_MAX, SEEK_MS_MAX, FETCH_MS_MAX, PROCESSOR_S_A_GB_MAX = 300.0, 300.0, 50.0, 0.35
ROUNDS, ROUNDS_WHOLE, SEEKS, FETCHES, FILMS = 7, 3, 60, 60, 8
SCENE_S, PORT = 20, "8791"
GB = 1e9
TICKS_A_S = os.sysconf("SC_CLK_TCK")
RATES = (1, 2, 4, 8)
RATE_S = 6.0
FIRST = """addEventListener("DOMContentLoaded", () => {
    const video = document.getElementById("video");
    video?.requestVideoFrameCallback(() => { window.firstMs = performance.now(); });
})"""
"""From when the page was asked for, its look and the line of that included."""
SEEK = """(at) => new Promise((done) => {
    const video = document.getElementById("video"), began = performance.now();
    video.requestVideoFrameCallback(() => done(performance.now() - began));
    video.currentTime = at;
})"""
MANY = """async ([looks, fetches]) => {
    const films = looks.map((look) => Object.assign(document.createElement("video"), {src: `/looks/${look}/content`,
        preload: "auto", muted: true}));
    const told = new EventSource("/bays/events");
    document.body.append(...films);
    await Promise.all(films.map((film) => new Promise((done) => film.addEventListener("canplay", done))));
    await Promise.all(films.map((film) => film.play()));
    await new Promise((done) => setTimeout(done, 2000));
    films.forEach((film) => film.pause());
    const found = [];
    for (let number = 0; number < fetches; number++) {
        const began = performance.now();
        await (await fetch("/static/clip.css")).text();
        found.push(performance.now() - began);
    }
    told.close(); films.forEach((film) => film.remove());
    return found;
}"""
PLAYS = """([source, rate, forMs]) => new Promise(async (done) => {
    const video = Object.assign(document.getElementById("video"), {src: source});
    await new Promise((ready) => video.addEventListener("canplay", ready, {once: true}));
    video.playbackRate = rate;
    await video.play();
    const before = video.getVideoPlaybackQuality(), from = video.currentTime, began = performance.now();
    setTimeout(() => {
        const after = video.getVideoPlaybackQuality(), ms = performance.now() - began;
        video.pause();
        done([(video.currentTime - from) * 1000 / ms, after.totalVideoFrames - before.totalVideoFrames,
            after.droppedVideoFrames - before.droppedVideoFrames]);
    }, forMs);
})"""


@dataclass(frozen=True, slots=True)
class Served:
    """The program that serves the pages: its number, and where."""

    pid: int
    address: str

    def spent_s(self) -> float:
        """Seconds of processors it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_A_S


@contextmanager
def served(home: Path) -> Iterator[Served]:
    """The pages of a station, and a dock that says something."""
    line = [str(EVIDOCK), "serve", "--port", PORT]
    around = os.environ | {"EVIDOCK_HOME": str(home)}
    with (
        Stream(Board(StationView("a bench")), home / "dock.sock"),
        subprocess.Popen(line, env=around, stdout=subprocess.PIPE, text=True) as program,
    ):
        assert program.stdout is not None
        program.stdout.readline()
        try:
            yield Served(program.pid, f"http://127.0.0.1:{PORT}")
        finally:
            program.terminate()


def film(path: Path, total_bytes: int, size: str) -> None:
    """A film that long: one scene, over and over, with a key picture each two seconds and its index first."""
    path.parent.mkdir(exist_ok=True)
    scene = path.with_suffix(".scene.mp4")
    source = f"testsrc2=size={size}:rate=30,noise=alls=12:allf=t"
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "60", "-b:v", "8M"]
    sound = ["-f", "lavfi", "-i", "anoisesrc=r=16000:a=0.1:seed=1", "-c:a", "aac"]
    run = ["ffmpeg", "-nostdin", "-v", "error"]
    made = [*run, "-f", "lavfi", "-i", source, *sound, *encode, "-t", str(SCENE_S), str(scene)]
    subprocess.run(made, check=True, timeout=3600)
    times = max(0, round(total_bytes / scene.stat().st_size) - 1)
    long = [*run, "-stream_loop", str(times), "-i", str(scene), "-c", "copy", "-movflags", "+faststart", str(path)]
    subprocess.run(long, check=True, timeout=3600)
    scene.unlink()


def read_whole(address: str, look: str) -> int:
    """All of a look, range after range over one connection, as a browser asks; how many bytes came."""
    connection, at, size = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60), 0, 1
    while at < size:
        connection.request("GET", f"/looks/{look}/content", headers={"Range": f"bytes={at}-"})
        answer = connection.getresponse()
        at += len(answer.read())
        size = int(answer.headers["Content-Range"].rpartition("/")[2])
    return at


def by_hand_s(path: Path) -> float:
    """Seconds of processor time that plain preads of a file cost, each sent over a connection of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as door, socket.create_connection(door.getsockname()) as reader:
        sender, _ = door.accept()
        taking = threading.Thread(target=lambda: all(iter(lambda: reader.recv(READ_BYTES), b"")))
        taking.start()
        with sender, path.open("rb", buffering=0) as file:
            before_s = time.thread_time()
            while piece := file.read(READ_BYTES):
                sender.sendall(piece)
            used_s = time.thread_time() - before_s
        taking.join()
    return used_s


def opened(page: Page, clip: str) -> str:
    """Press play on a clip's page; the number of the look, once its first picture is there."""
    page.goto(f"/clips/{clip}")
    page.click(".open")
    page.wait_for_function("() => window.firstMs")
    return page.url.partition("?look=")[2]


def told(name: str, found: Sequence[float], most: float) -> None:
    """Print how long something took."""
    ordered = sorted(found)
    print(
        f"{name}: median {statistics.median(ordered):.0f} ms, p95 {ordered[int(len(ordered) * 0.95)]:.0f} ms, longest "
        f"{ordered[-1]:.0f} ms (wanted: p95 under {most:.0f} ms)",
        flush=True,
    )


def measure(page: Page, program: Served, clip: str, path: Path) -> None:
    """Each question once, on a film that is filed."""
    firsts, look = list[float](), ""
    for _ in range(ROUNDS):
        look = opened(page, clip)
        firsts.append(page.evaluate("window.firstMs"))
    told("first picture after play was pressed", firsts, FIRST_MS_MAX)
    page.evaluate("document.getElementById('video').pause()")
    length_s, dice = float(page.evaluate("document.getElementById('video').duration")), random.Random(1)
    told("a seek", [page.evaluate(SEEK, dice.uniform(0, length_s)) for _ in range(SEEKS)], SEEK_MS_MAX)
    looks = [opened(page, clip) for _ in range(FILMS)]
    page.goto("/clips")
    told(f"a fetch beside {FILMS} films and the bays", page.evaluate(MANY, [looks, FETCHES]), FETCH_MS_MAX)
    page.goto("about:blank")
    costs = list[float]()
    for _ in range(1 + ROUNDS_WHOLE):  # the first one from the disk
        before_s, began = program.spent_s(), time.perf_counter()
        read_bytes = read_whole(program.address, look)
        costs.append((program.spent_s() - before_s) / read_bytes * GB)
        clock_s, hand = time.perf_counter() - began, by_hand_s(path) / read_bytes * GB
        print(f"processor time a GB {costs[-1]:.2f} s, by hand {hand:.2f} s; {clock_s:.1f} s by the clock", flush=True)
    print(f"median {statistics.median(costs[1:]):.2f} s a GB (wanted: under {PROCESSOR_S_A_GB_MAX})", flush=True)


def rates(page: Page, clip: str) -> None:
    """How much of its speed a film holds, and its sub copy, and how many pictures are left out."""
    look = opened(page, clip)
    for part in ("content", "sub"):
        for rate in RATES:
            found = page.evaluate(PLAYS, [f"/looks/{look}/{part}", rate, RATE_S * 1000])
            held, shown, dropped = found
            print(f"{part} at {rate}x: {held:.2f}x held, {shown} pictures, {dropped} of them left out", flush=True)


def filed(home: Path, card: Path) -> str:
    """Take a card in; the number of its one film."""
    evidock(home, "ingest", card)
    return str(json.loads(evidock(home, "clips", "list", "--limit", "1", "--json").output)[0]["id"])


def main() -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="2G", type=size_bytes)
    parser.add_argument("--picture", default="1920x1080", help="how large its pictures are")
    parser.add_argument("--rates", action="store_true", help="ask instead which speeds it holds, and its sub copy")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure")
    given = parser.parse_args()
    with own_folder(given.dir) as folder, station(folder / "home") as home:
        film(folder / "card/a.mp4", given.size, given.picture)
        clip = filed(home, folder / "card")
        if given.rates:
            evidock(home, "work", "--once", "--kinds", "viewing-copy")
        print(f"a film of {given.size / GB:.2f} GB, {given.picture}, on {where(folder)}", flush=True)
        with served(home) as program, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            with browser.new_context(base_url=program.address) as context:
                page = context.new_page()
                page.add_init_script(FIRST)
                print(f"load {os.getloadavg()[0]:.1f}", flush=True)
                if given.rates:
                    rates(page, clip)
                else:
                    measure(page, program, clip, folder / "card/a.mp4")


if __name__ == "__main__":
    main()
