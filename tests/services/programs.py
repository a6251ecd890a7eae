"""Where the services' programs are, and which Debian package brings them.

Standard library only: `make services` runs this before anything is installed.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Service:
    """What tests use of the system: a program, the folders beside PATH that may hold it, its package."""

    name: str
    program: str
    folders: str
    package: str
    instead: Service | None = None
    """What does the same, where this one cannot be had."""

    def find_program(self) -> Path | None:
        """Return the program's file, or that of what stands in for it, or None."""
        folder = self.find_folder()
        if folder is not None:
            return folder / self.program
        return self.instead.find_program() if self.instead else None

    def find_folder(self) -> Path | None:
        """Return the folder of the program, the highest version's if there are several, or None."""
        there = [found.parent for found in Path("/").glob(f"{self.folders}/{self.program}")]
        if there:
            return max(there, key=_version)
        on_path = shutil.which(self.program)
        return Path(on_path).resolve().parent if on_path else None

    @property
    def absence(self) -> str:
        """Say in one sentence what is missing and what brings it."""
        return f"{self.name} is not installed: apt-get install {self.package}"


def _version(folder: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", str(folder))]


# Debian keeps initdb off PATH, so that several versions can stand side by side.
POSTGRES = Service("PostgreSQL", "initdb", "usr/lib/postgresql/*/bin", "postgresql")

# Debian's rabbitmq-server on PATH insists on its own account; the script beneath it runs as anyone.
RABBITMQ = Service("RabbitMQ", "rabbitmq-server", "usr/lib/rabbitmq/bin", "rabbitmq-server")

# The program itself: the script on PATH would add the flags and extensions that this machine gives to people.
# Debian builds it a second time without windows: the same engine shows the same page for a third of the work.
CHROMIUM = Service(
    "Chromium",
    "chromium-headless-shell",
    "usr/lib/chromium",
    "chromium-headless-shell",
    instead=Service("Chromium", "chromium", "usr/lib/chromium", "chromium"),
)

# Without it every Chinese sign is the same empty box, and a page's lines break elsewhere.
CHINESE_FONT = Service(
    "WenQuanYi Micro Hei", "wqy-microhei.ttc", "usr/share/fonts/truetype/wqy", "fonts-wqy-microhei"
)

# Plays the authority that sets time stamps (RFC 3161), for tests and for the demo.
OPENSSL = Service("OpenSSL", "openssl", "usr/bin", "openssl")

SERVICES = (POSTGRES, RABBITMQ, CHROMIUM, CHINESE_FONT, OPENSSL)

# What the demo needs of the system beside Python: the papers' Chinese, and the authority.
FOR_THE_DEMO = (CHINESE_FONT, OPENSSL)
