"""Where and with what a run was made: without it, a number in a file says nothing a year later."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

_LIBRARIES = (
    "rbcl",
    "gmpy2",
    "phe",
    "openmined-psi",
    "msgspec",
    "cryptography",
    "flask",
    "waitress",
    "httpx",
)


def facts() -> dict[str, Any]:
    """Return processor, cores, load, Python and the libraries' versions. No host name: it may be private."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": _load(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def revision(folder: Path) -> str | None:
    """Return the commit that was measured, with `+changes` behind it if files differ; None without git."""
    head = _git(folder, "rev-parse", "HEAD")
    if not head:
        return None
    return head + ("+changes" if _git(folder, "status", "--porcelain") else "")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # not Linux
        return platform.processor() or platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _load() -> list[float] | None:
    return [round(load, 2) for load in os.getloadavg()] if hasattr(os, "getloadavg") else None


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
