"""Two hundred people at one process of `evidock serve`: 150 turn pages every three seconds, and 50 watch a film.

.venv/bin/python -m bench.crowd                                          # a small catalog
.venv/bin/python -m bench.crowd --catalog DIR/catalog.db                 # one that bench.search --keep DIR made

Each has an account and a token of their own. A reader asks in turn for the newest clips, a search for words, one clip,
and a case list; who watches reads a film at 2.5 Mbit/s by ranges, as a player does. A stall is a range that came later
than what had been read before lasts. The client tells its own processor time: where it is busy, its waits are its own.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.harness import EVIDOCK, own_folder, station, where
from bench.looks import film
from catalog.acts import dispatch
from catalog.clips import search
from catalog.database import Database
from catalog.people import accounts, people, roles, units
from catalog.rules.acts import Act
from catalog.rules.callers import LOGIN, Caller
from catalog.trail import trail
from docking_station.services import tokens
from docking_station.station.settings import Home, read_settings
from docking_station.station.station import Station
from tests.fakes import people as bureau

READERS, WATCHERS, EVERY_S, SECONDS = 150, 50, 3.0, 60.0
BYTES_A_S, RANGE_BYTES, AHEAD_S = 2_500_000 // 8, 2 << 20, 10.0
FILM_BYTES, PORT = 200 << 20, 8797
SCOPES = ("clips:read", "clips:look", "cases:read")
WANTED_MS = 500
TICKS_A_S = os.sysconf("SC_CLK_TCK")


def enter(opened: Station, count: int) -> list[str]:
    """So many people with an account each, custodians and reviewers of the whole bureau; their tokens."""
    base, found = opened.database, list[str]()

    def carry_out(act: Act) -> None:
        with base.transaction() as session:
            dispatch.apply(session, Act(opened.now(), act.actor, act.action, act.subject, act.details))

    bureau.enter(base, carry_out, opened.now())
    made: dict[str, Any] = {"at": opened.now(), "actor": "P:0104 as keeper"}
    two: dict[str, Any] = {"by": bureau.caller("0104"), "second": bureau.caller("0105"), "small": True}
    granted: dict[str, Any] = {"how": LOGIN, "first": False, "small": True, "at": made["at"], "actor": "P:0105"}
    for number in range(count):
        no, account = f"{2000 + number}", f"account{number}"
        role, until = ("custodian", "reviewer")[number % 2], opened.now() + timedelta(days=1)
        carry_out(people.adding(no, name=f"Name {no}", unit="A", **made))
        carry_out(roles.proposing(no, title=role, role=role, unit=units.ROOT, since=made["at"], until=None, **made))
        carry_out(accounts.binding(no, account, at=made["at"], **two))
        carry_out(roles.granting(no, roles.of_people(base, [no])[-1].id, **granted))
        found.append(tokens.issue(opened, Caller(account, account, LOGIN), "bench", SCOPES, until, ())[0])
    return found


class Line:
    """One person's connection."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, address: str, more: str = "", body: str | None = None) -> tuple[int, bytes]:
        """Ask, and read the whole answer."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", PORT)
        sent = "" if body is None else f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        method = "GET" if body is None else "POST"
        head = (
            f"{method} {address} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self._token}\r\n{sent}{more}\r\n"
        )
        self._writer.write(head.encode() + (body or "").encode())
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        length = next(int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length"))
        return int(lines[0].split()[1]), await self._reader.readexactly(length)


class Crowd:
    """What all of them saw."""

    def __init__(self, clip: str, words: list[str]) -> None:
        self.clip, self.words = clip, words
        self.read_ms, self.range_ms, self.look_ms = list[float](), list[float](), list[float]()
        self.stalls, self.wrong = 0, dict[int, int]()

    async def read(self, number: int, token: str, until: float) -> None:
        """Turn pages."""
        line, word = Line(token), self.words[number % len(self.words)]
        addresses = ["/clips?limit=50", f"/clips?limit=50&text={quote(word)}", f"/clips/{self.clip}", "/cases?limit=50"]
        await asyncio.sleep(number * EVERY_S / READERS)
        turn = number
        while (began := time.perf_counter()) < until:
            status, _ = await line.ask(f"/api/v1{addresses[turn % len(addresses)]}")
            self._took(self.read_ms, began, status, 200)
            turn += 1
            await asyncio.sleep(max(0.0, began + EVERY_S - time.perf_counter()))

    async def watch(self, number: int, token: str, until: float) -> None:
        """Watch a film: some seconds ahead at once, then as it plays."""
        import json

        line = Line(token)
        await asyncio.sleep(number * 0.1)
        began = time.perf_counter()
        status, body = await line.ask(f"/api/v1/clips/{self.clip}/looks", body='{"reason":"bench"}')
        self._took(self.look_ms, began, status, 201)
        (url,) = (part["url"] for part in json.loads(body)["parts"] if part["name"] == "content")
        at, played_from = 0, time.perf_counter()
        while (asked := time.perf_counter()) < until:
            wanted = f"Range: bytes={at}-{at + RANGE_BYTES - 1}\r\n"
            status, piece = await line.ask(url, wanted)
            self._took(self.range_ms, asked, status, 206)
            self.stalls += bool(at) and time.perf_counter() - played_from > at / BYTES_A_S
            at += len(piece)
            if at + RANGE_BYTES > FILM_BYTES:
                return
            await asyncio.sleep(max(0.0, played_from + at / BYTES_A_S - AHEAD_S - time.perf_counter()))

    def _took(self, found: list[float], began: float, status: int, wanted: int) -> None:
        if status != wanted:
            self.wrong[status] = self.wrong.get(status, 0) + 1
        found.append((time.perf_counter() - began) * 1000)


async def crowd(given: list[str], clip: str, words: list[str]) -> None:
    """All at once, for a minute."""
    seen, until = Crowd(clip, words), time.perf_counter() + SECONDS
    readers = (seen.read(number, token, until) for number, token in enumerate(given[:READERS]))
    watchers = (seen.watch(number, token, until) for number, token in enumerate(given[READERS:]))
    used = time.process_time()
    await asyncio.gather(*readers, *watchers)
    told = {"pages": seen.read_ms, "looks opened": seen.look_ms, "ranges": seen.range_ms}
    for name, took in told.items():
        took.sort()
        p95 = took[int(len(took) * 0.95)]
        print(f"{name}: {len(took)}, p50 {statistics.median(took):.0f}, p95 {p95:.0f}, longest {took[-1]:.0f} ms")
    share = (time.process_time() - used) / SECONDS
    print(f"stalls {seen.stalls}, other answers {seen.wrong}; the client {share:.0%} of a processor", flush=True)


def processor_s(process: int) -> float:
    """What a program used so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_S


def main() -> None:
    """Serve a station, and let them come."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--catalog", type=Path, help="a catalog of SQLite to begin with; it is copied")
    parser.add_argument("--words", nargs="*", default=["a"], help="what is searched for")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure")
    chosen = parser.parse_args()
    with own_folder(chosen.dir) as folder, station(folder / "home") as home:
        if chosen.catalog is not None:
            shutil.copy(chosen.catalog, home / "catalog.db")
            base = Database(f"sqlite:///{home}/catalog.db")
            with base.transaction() as session:  # the bench's world ended long ago, and a station doubts such a clock
                trail.append(session, trail.Entry(datetime.now(UTC), "clerk", "bench.begun", "station", {}))
            base.close()
        film(folder / "card/a.mp4", FILM_BYTES)
        opened = Station(read_settings(Home(home)))
        subprocess.run([EVIDOCK, "ingest", folder / "card"], env={**os.environ, "EVIDOCK_HOME": str(home)}, check=True)
        (clip,) = (one.id for one in search.search(opened.database, search.Search(limit=1)))
        given = enter(opened, READERS + WATCHERS)
        (count,) = opened.database.query("SELECT COUNT(*) AS clips FROM clip", {})
        print(f"{count['clips']:,} clips on {where(folder)}; wanted: pages p95 < {WANTED_MS} ms, no stall", flush=True)
        serving = [str(EVIDOCK), "serve", "--port", str(PORT)]
        with subprocess.Popen(serving, stdout=subprocess.PIPE, env={**os.environ, "EVIDOCK_HOME": str(home)}) as server:
            assert server.stdout is not None
            server.stdout.readline()
            time.sleep(3)  # what the first look needs is loaded
            began, used = time.perf_counter(), processor_s(server.pid)
            asked = f"asyncio.run(crowd({given!r}, {clip!r}, {chosen.words!r}))"
            argv = [sys.executable, "-c", f"import asyncio; from bench.crowd import crowd; {asked}"]
            subprocess.run(argv, check=True)
            share = (processor_s(server.pid) - used) / (time.perf_counter() - began)
            print(f"the server {share:.0%} of a processor")
            server.terminate()
        opened.close()


if __name__ == "__main__":
    main()
