"""Puts into object storage against minio's own uploader, rclone and the aws command, paired. See README.md beside this.

PYTHONPATH=. .venv/bin/python bench/storage.py --size 1G --rounds 5 --dir /path/on/the/disk

rclone and aws are asked where they are installed, as whole programs with their own defaults, and set no lock.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import signal
import statistics
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import S3Error
from minio.retention import Retention

from bench.harness import filled, own_folder, size_bytes, where
from tests.vault.stores import Store
from tests.vault.weed import ACCESS, SECRET, Weed
from vault.s3.bucket import Bucket
from vault.s3.responses import Lock
from vault.s3.store import ObjectVault
from vault.s3.uploading import Copy, Uploader
from vault.s3.wire import Patience, Secrets, Wire

BLOCK_BYTES = 4 << 20
WANTED = 0.9
UNTIL = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Round:
    """One round's wall times in seconds; `others_s` by program. `spent_s` is the clients' processor time, by step."""

    ours_in_s: float
    minio_in_s: float
    ours_whole_s: float
    minio_whole_s: float
    others_s: dict[str, float]
    spent_s: dict[str, float]

    @property
    def theirs_in_s(self) -> dict[str, float]:
        """What each of the others took to upload."""
        return {"minio": self.minio_in_s, **self.others_s}


class Bench:
    """The file, the server, and both clients."""

    def __init__(self, folder: Path, store: Store, total_bytes: int, *, with_others: bool) -> None:
        self.with_others = with_others
        self.folder, self.path = folder, folder / "file"
        self.sha256 = filled(self.path, total_bytes)
        self.total_bytes = total_bytes
        self.keys = secrets = store.lab
        self.bucket, self.vault = store.new()
        self.wire = Wire(store.address(self.bucket), secrets, Patience())
        pool = urllib3.PoolManager(maxsize=16)
        self.endpoint = store.endpoint
        self.minio = Minio(
            store.endpoint, secrets.access, secrets.secret, secure=False, region="us-east-1", http_client=pool
        )
        self.count = 0

    def name(self) -> str:
        """A new one each time."""
        self.count += 1
        return f"originals/{self.count:05}"

    def ours_in(self) -> None:
        """Hash each part and the whole, upload with checksums and lock."""
        copy = Copy(self.path, self.total_bytes, self.sha256)
        Uploader(Bucket(self.wire)).put_file(self.name(), copy, Lock("COMPLIANCE", UNTIL))

    def minio_in(self) -> None:
        """What minio does: upload with lock; no checksum of a part but the signed one, no digest of the whole."""
        self.minio.fput_object(self.bucket, self.name(), str(self.path), retention=Retention(COMPLIANCE, UNTIL))

    def others(self) -> dict[str, Callable[[], None]]:
        """The programs that are installed, where they are asked for."""
        if not self.with_others:
            return {}
        url, file, bucket = f"http://{self.endpoint}", str(self.path), self.bucket
        to_aws = ["aws", "s3", "cp", "--only-show-errors", "--endpoint-url", url, file]
        to_rclone = ["rclone", "copyto", "--config=", "--s3-provider=Other", "--s3-env-auth", "--s3-endpoint", url]
        found: dict[str, Callable[[], None]] = {}
        if shutil.which("aws"):
            found["aws"] = lambda: run([*to_aws, f"s3://{bucket}/{self.name()}"], self.keys)
        if shutil.which("rclone"):
            found["rclone"] = lambda: run(
                [*to_rclone, "--s3-no-check-bucket", file, f":s3:{bucket}/{self.name()}"], self.keys
            )
        return found

    def ours_whole(self) -> None:
        """The vault's put: the same, and lock and digest of the whole read back."""
        copy = self.folder / "copy"
        copy.unlink(missing_ok=True)
        os.link(self.path, copy)
        ObjectVault(self.wire, "COMPLIANCE").put(self.name(), copy, self.sha256, UNTIL)

    def minio_whole(self) -> None:
        """The same done by hand: hash the file, upload, read the lock, read back and hash."""
        with self.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        name = self.name()
        self.minio.fput_object(self.bucket, name, str(self.path), retention=Retention(COMPLIANCE, UNTIL))
        try:
            self.demand_lock(name)
        except S3Error:  # Ceph drops the lock of an upload in parts and says nothing
            self.minio.set_object_retention(self.bucket, name, Retention(COMPLIANCE, UNTIL))
            self.demand_lock(name)
        answer, read = self.minio.get_object(self.bucket, name), hashlib.sha256()
        while data := answer.read(1 << 18):
            read.update(data)
        answer.release_conn()
        assert read.hexdigest() == digest

    def demand_lock(self, name: str) -> None:
        """By minio; a date with nanoseconds, as Ceph tells it, is one it cannot read: there is a lock then."""
        with suppress(ValueError):
            lock = self.minio.get_object_retention(self.bucket, name)
            assert lock is not None
            assert lock.retain_until_date >= UNTIL


def run(command: list[str], secrets: Secrets) -> None:
    """A program with the bench's keys in its environment; what fails ends the bench."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    keys = {"AWS_ACCESS_KEY_ID": secrets.access, "AWS_SECRET_ACCESS_KEY": secrets.secret, "AWS_REGION": "us-east-1"}
    subprocess.run(command, env=plain | keys, check=True)


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Wall time and processor time, after the disk has written what is owed."""
    os.sync()
    began, spent = time.perf_counter(), processor_s()
    work()
    return time.perf_counter() - began, processor_s() - spent


def processor_s() -> float:
    """What this process and the programs it ran have used; the server is neither."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def one_round(bench: Bench, number: int) -> Round:
    """All, in an order that turns round every time."""
    others = bench.others()
    steps = {"ours": bench.ours_in, "minio": bench.minio_in, **others, "c": bench.ours_whole, "d": bench.minio_whole}
    order = list(steps) if number % 2 == 0 else list(reversed(steps))
    took = {name: timed(steps[name]) for name in order}
    wall_s = {name: both[0] for name, both in took.items()}
    spent_s = {name: both[1] for name, both in took.items()}
    theirs_s = {name: wall_s[name] for name in others}
    return Round(wall_s["ours"], wall_s["minio"], wall_s["c"], wall_s["d"], theirs_s, spent_s)


def compare(bench: Bench, rounds: int) -> None:
    """All rounds, then what they say together."""
    folder, total_bytes = bench.folder, bench.total_bytes
    print(f"{total_bytes / 1e6:.0f} MB, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, on {where(folder)}")
    print("round  (a) ours in  (b) minio in  (c) ours whole  (d) minio whole  (b)/(a)  (d)/(c)  others in")
    done = []
    for number in range(rounds):
        one = one_round(bench, number)
        done.append(one)
        print(
            f"{number + 1:5}  {one.ours_in_s:9.2f} s  {one.minio_in_s:10.2f} s  {one.ours_whole_s:12.2f} s"
            f"  {one.minio_whole_s:13.2f} s  {one.minio_in_s / one.ours_in_s:7.2f}"
            f"  {one.minio_whole_s / one.ours_whole_s:7.2f}"
            f"  {', '.join(f'{name} {took_s:.2f} s' for name, took_s in one.others_s.items()) or 'none'}",
            flush=True,
        )
    into = {
        name: statistics.median(one.theirs_in_s[name] / one.ours_in_s for one in done) for name in done[0].theirs_in_s
    }
    whole = statistics.median(one.minio_whole_s / one.ours_whole_s for one in done)
    ratios = ", ".join(f"{name} {ratio:.2f}" for name, ratio in into.items())
    print(f"our throughput over that of each other, medians: {ratios} (wanted: at least {WANTED})")
    spent = {name: statistics.median(one.spent_s[name] for one in done) for name in ("ours", *into)}
    by_gb = ", ".join(f"{name} {spent_s / total_bytes * 1e9:.2f} s" for name, spent_s in spent.items())
    print(f"processor time of the client for a GB, medians: {by_gb}")
    print(f"the same with hashing and reading back, median: {whole:.2f}")


def main() -> None:
    """Read the arguments, run, leave nothing behind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=size_bytes, default="1G", help="of the object (1G)")
    parser.add_argument("--rounds", type=int, default=5, help="how often (5)")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure; five objects a round must find room")
    parser.add_argument(
        "--minio-alone", action="store_true", help="without rclone and aws: less for the server to keep"
    )
    parser.add_argument("--endpoint", help="HOST:PORT of another server, its keys in S3_ACCESS_KEY, S3_SECRET_KEY")
    chosen = parser.parse_args()
    with own_folder(chosen.dir) as folder:

        def measured(store: Store) -> None:
            compare(Bench(folder, store, chosen.size, with_others=not chosen.minio_alone), chosen.rounds)

        if chosen.endpoint:
            keys = Secrets(os.environ["S3_ACCESS_KEY"], os.environ["S3_SECRET_KEY"])
            measured(Store(chosen.endpoint, keys, keys))
            return
        weed, keys = Weed(folder / "weed"), Secrets(ACCESS, SECRET)
        try:
            weed.start()
            measured(Store(weed.endpoint, keys, keys))
        finally:
            weed.stop(signal.SIGKILL)


if __name__ == "__main__":
    main()
