"""Install what is missing of the tests' services, where that can be done without a question.

Run as `python3 -m tests.services.install` (`make services`), or with `demo` for the little that the demo
needs of them. Never fails: a test whose service is missing is skipped and says so, and the demo says what it
lacks. Standard library only, because it runs before anything is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence

from tests.services.programs import FOR_THE_DEMO, SERVICES, Service

# No prompt; none of the started daemons that Debian's packages bring (invoke-rc.d starts none in runlevel 1);
# a lock held by another apt is waited for.
ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
OPTIONS = ("-qq", "-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Use-Pty=0")


def main(words: Sequence[str]) -> None:
    """Install every missing service, or print one line for each that stays missing."""
    demo = "demo" in words
    missing = [each for each in (FOR_THE_DEMO if demo else SERVICES) if each.find_folder() is None]
    if not missing:
        return

    obstacle = find_obstacle() or install(missing)
    for service in missing:
        if service.find_program() is None:
            whose = "The demo's papers need" if demo else "Tests will be skipped that need"
            print(f"{whose} {service.name} ({service.package}): {obstacle}")


def find_obstacle() -> str:
    """Return why nothing can be installed here, or an empty text."""
    if shutil.which("apt-get") is None:
        return "there is no apt-get here; install it by hand"
    if os.geteuid() != 0:
        return "only root may install it here; install it by hand"
    return ""


def install(services: Iterable[Service]) -> str:
    """Install the services' Debian packages and return why that did not work, or an empty text."""
    packages = [service.package for service in services]
    print(f"Installing: {', '.join(packages)}", flush=True)
    return run_apt("update") or run_apt("install", "--yes", "--no-install-recommends", *packages)


def run_apt(*arguments: str) -> str:
    """Run apt-get and return the last line of its complaint, or an empty text if it had none."""
    done = subprocess.run(
        ["apt-get", *OPTIONS, *arguments],
        env={**os.environ, **ENVIRONMENT},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return ""
    complaint = (done.stderr or done.stdout).strip() or f"exit status {done.returncode}"
    return f"apt-get {arguments[0]} failed: {complaint.splitlines()[-1]}"


if __name__ == "__main__":
    main(sys.argv[1:])
