"""`serve` and `worker`: what they refuse, where they listen, and that they end with who started them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from alliance_hub.cli import serving
from alliance_hub.errors import Conflict, Forbidden
from alliance_hub.settings import load_settings
from tests.alliance_hub.cli.conftest import Run
from tests.services.processes import free_port

START_SECONDS = 60
COMMAND = "from alliance_hub.cli import main; main()"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "hub.example"])
def test_plain_http_does_not_leave_the_machine_by_itself(host: str) -> None:
    with pytest.raises(Forbidden, match="--behind-tls-proxy"):
        serving.require_safe_host(host, behind_tls_proxy=False)

    serving.require_safe_host(host, behind_tls_proxy=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_is_safe(host: str) -> None:
    serving.require_safe_host(host, behind_tls_proxy=False)


@pytest.mark.parametrize(
    ("base_url", "port"),
    [("http://127.0.0.1:9000", 9000), ("http://localhost", 80), ("https://hub.example", 8400)],
)
def test_the_port_is_the_base_urls_own(tmp_path: Path, base_url: str, port: int) -> None:
    assert serving.port_of(load_settings(tmp_path, base_url=base_url)) == port


@pytest.mark.parametrize(
    ("base_url", "port", "told"),
    [
        ("http://127.0.0.1:9000", 9000, None),
        ("http://127.0.0.1:9000", 9001, "http://127.0.0.1:9001"),
        ("https://hub.example", 9001, None),
    ],
)
def test_the_serving_process_learns_another_port(
    tmp_path: Path, base_url: str, port: int, told: str | None
) -> None:
    found = serving.environment(load_settings(tmp_path, base_url=base_url), "127.0.0.1", port)

    assert found["ALLIANCE_HUB_HOME"] == str(tmp_path)
    assert found.get("ALLIANCE_HUB_BASE_URL") == told


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Conflict, match=f"127.0.0.1:{port}"):
            serving.free_port("127.0.0.1", port)


def test_port_zero_is_a_free_one() -> None:
    assert serving.free_port("127.0.0.1", 0) > 0


def test_serving_needs_every_custodians_address(run: Run, adopted: Path) -> None:
    refused = run("serve", "--home", adopted, "--port", "0", "--host", "0.0.0.0")
    assert (refused.code, "--behind-tls-proxy" in refused.err) == (4, True)

    text = (adopted / "settings.toml").read_text().replace('"http://127.0.0.1:3"', "").replace(", ]", "]")
    (adopted / "settings.toml").write_text(text)
    refused = run("serve", "--home", adopted, "--port", "0")

    assert (refused.code, "all 3 custodians" in refused.err) == (4, True)


def test_a_worker_apart_needs_a_broker(run: Run, adopted: Path) -> None:
    refused = run("worker", "--home", adopted)

    assert (refused.code, "set broker_url" in refused.err) == (4, True)


Serve = Callable[[Path, int], subprocess.Popen[bytes]]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start the real command, and end its whole group afterwards."""
    started: list[subprocess.Popen[bytes]] = []

    def start(home: Path, port: int) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-c", COMMAND, "serve", "--home", str(home), "--port", str(port)]
        with (tmp_path / "serve.log").open("ab") as log:
            process = subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True)
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(port: int) -> bool:
    try:
        url = f"http://127.0.0.1:{port}/v1/alliance"
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_service_answers_and_stops_when_told(serve: Serve, adopted: Path) -> None:
    port = free_port()
    process = serve(adopted, port)
    wait_until(lambda: answers(port))

    process.terminate()

    assert process.wait(START_SECONDS) == 0
    assert not answers(port)


def test_nothing_goes_on_serving_after_kill_9(serve: Serve, adopted: Path) -> None:
    port = free_port()
    process = serve(adopted, port)
    wait_until(lambda: answers(port))

    process.kill()

    wait_until(lambda: not answers(port))
