"""A time stamp authority of our own, made by OpenSSL: its certificates, and a server that answers with `openssl ts`.

It sends its own certificate and no chain: OpenSSL writes several in an order that is not that of DER, which is refused.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509

from vault.timestamp import Authority

CONFIG = """\
[ca_name]
CN = Test Root
[tsa_name]
CN = Test Time Stamps
[req]
distinguished_name = ca_name
prompt = no
[ca_ext]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[tsa_ext]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def openssl(*words: str | Path) -> bytes:
    """Run OpenSSL; it must succeed."""
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


class TestAuthority:
    """Certificates in a folder, and a server over them; `harm` may change an answer on its way."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder, self.asked = folder, 0
        self.harm: bytes | None = None
        self.lock = threading.Lock()
        (folder / "config").write_text(CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        for name, days in (("ca", "3650"), ("tsa", "3650")):
            openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", folder / f"{name}.key")
            ask = ("req", "-new", "-config", folder / "config", "-key", folder / f"{name}.key", "-days", days)
            if name == "ca":
                openssl(*ask, "-x509", "-subj", "/CN=Test Root", "-extensions", "ca_ext", "-out", folder / "ca.pem")
            else:
                openssl(*ask, "-subj", "/CN=Test Time Stamps", "-out", folder / "tsa.csr")
        ends = ("-days", "3650", "-extfile", folder / "config", "-extensions", "tsa_ext", "-out", folder / "tsa.pem")
        openssl(
            *("x509", "-req", "-in", folder / "tsa.csr", "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key"),
            *("-CAcreateserial", *ends),
        )

    @property
    def roots(self) -> tuple[x509.Certificate, ...]:
        """What a station is told to trust."""
        return (x509.load_pem_x509_certificate((self.folder / "ca.pem").read_bytes()),)

    def answer(self, query: bytes) -> bytes:
        """The authority's answer."""
        with self.lock:
            self.asked += 1
            (self.folder / "query").write_bytes(query)
            inputs = ("-queryfile", self.folder / "query", "-out", self.folder / "answer")
            openssl("ts", "-reply", "-config", self.folder / "config", "-section", "here", *inputs)
            return self.harm if self.harm is not None else (self.folder / "answer").read_bytes()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The address it answers at."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.headers["Content-Type"] == "application/timestamp-query"
                body = outer.answer(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_request(self, code: object = "-", size: object = "-") -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/tsa"
        finally:
            server.shutdown()
            server.server_close()

    def authority(self, url: str) -> Authority:
        """As a station knows it."""
        return Authority(url, self.roots)
