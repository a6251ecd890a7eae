"""A made-up time-stamping authority (RFC 3161) on loopback, around `openssl ts`: for the demo and for tests.

Its root is its own and worth nothing outside. The time in its tokens is this machine's.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

QUERY = "application/timestamp-query"
REPLY = "application/timestamp-reply"
LARGEST_QUERY = 10_000
DAYS = "3650"

_CONFIG = """
[ tsa ]
default_tsa = made_up
[ made_up ]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[ root ]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[ stamping ]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ req ]
distinguished_name = name
prompt = no
[ name ]
CN = Made-up
"""


class Authority:
    """The authority whose keys stand in `folder`; made there when the folder has none.

    `with Authority(folder).serve() as authority:` answers at `authority.url` until the block ends.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.roots = folder / "roots.pem"
        """The root certificate: what `timestamp_roots` is set to."""
        self._server: ThreadingHTTPServer | None = None
        # One at a time: openssl counts its serial numbers in a file.
        self._stamping = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        if not self.roots.exists():
            self._make()

    @property
    def url(self) -> str:
        """Where it answers while it serves."""
        if self._server is None:
            raise RuntimeError("the authority does not serve: call serve() first")
        return f"http://127.0.0.1:{self._server.server_port}/"

    def serve(self, port: int = 0) -> Self:
        """Answer in a thread, on a free port unless one is given, until `stop`."""
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        threading.Thread(target=self._server.serve_forever, name="authority", daemon=True).start()
        return self

    def stop(self) -> None:
        """Answer no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def answer(self, query: bytes) -> bytes:
        """Return the response to a query, DER to DER; a query that is none is refused inside it."""
        with self._stamping:
            asked, said = self.folder / "query.tsq", self.folder / "reply.tsr"
            asked.write_bytes(query)
            # Its own certificate alone: openssl would not sort several, and strict readers refuse that.
            self._openssl(
                *("ts", "-reply", "-config", "tsa.cnf", "-queryfile", asked.name),
                *("-signer", "tsa.pem", "-inkey", "tsa.key", "-out", said.name),
            )
            return said.read_bytes()

    def _make(self) -> None:
        """Make a root, and a certificate under it that is for stamping times and nothing else."""
        (self.folder / "tsa.cnf").write_text(_CONFIG.format(folder=self.folder.resolve()), "utf-8")
        (self.folder / "serial").write_text("01\n", "utf-8")
        common = ("-config", "tsa.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        self._openssl(
            *("req", "-x509", *common, "-keyout", "root.key", "-out", "new.pem"),
            *("-days", DAYS, "-subj", "/O=Made-up authority/CN=Root", "-extensions", "root"),
        )
        self._openssl(
            *("req", *common, "-keyout", "tsa.key", "-out", "tsa.csr"),
            *("-subj", "/O=Made-up authority/CN=Time stamps"),
        )
        self._openssl(
            *("x509", "-req", "-in", "tsa.csr", "-CA", "new.pem", "-CAkey", "root.key", "-set_serial", "2"),
            *("-days", DAYS, "-sha256", "-extfile", "tsa.cnf", "-extensions", "stamping", "-out", "tsa.pem"),
        )
        # Last, so that a folder with roots is a whole one.
        (self.folder / "new.pem").rename(self.roots)

    def _openssl(self, *words: str) -> None:
        done = subprocess.run(
            ["openssl", *words], cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"openssl {words[0]} failed: {done.stderr.strip()}")


def verify_command(data: Path, response: Path, roots: Path) -> Sequence[str]:
    """Return the words with which anybody checks a response from outside."""
    return ["openssl", "ts", "-verify", "-data", str(data), "-in", str(response), "-CAfile", str(roots)]


def _handler(authority: Authority) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            if self.headers.get("Content-Type") != QUERY or not 0 < length <= LARGEST_QUERY:
                self.send_error(400)
                return
            body = authority.answer(self.rfile.read(length))
            self.send_response(200)
            self.send_header("Content-Type", REPLY)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: whoever asks knows what it asked."""

    return Handler
