"""`successor`: the end of an epoch, said once and for good."""

from __future__ import annotations

from pathlib import Path

import pytest

from alliance_hub.feed import service as feed
from alliance_hub.hub import Hub, system_clock
from privacy.keyset import SignedKeySet
from tests.alliance_hub.builders import Ceremony, final_head, succeed
from tests.alliance_hub.cli.conftest import Run

ADDRESS = "https://next.example"


@pytest.fixture
def following(opened: Hub, held: Ceremony, tmp_path: Path) -> Path:
    """A file with the next epoch's key set, which follows this feed."""
    with opened.database.transaction() as session:
        feed.cut(session, opened, system_clock())
        head, cut = feed.head(session), feed.newest_cut(session)
    assert cut is not None
    named = final_head(held.key_set, position=head.position, head=head.root, period=cut.period)
    return written(tmp_path, succeed(held, named).signed)


def written(folder: Path, key_set: SignedKeySet) -> Path:
    file = folder / "next-key-set.json"
    file.write_bytes(key_set.canonical())
    return file


def test_an_epoch_ends(run: Run, adopted: Path, opened: Hub, following: Path) -> None:
    said = ("successor", "--key-set", following, "--address", ADDRESS + "/", "--home", adopted)
    for _ in range(2):
        done = run(*said)
        assert (done.code, "epoch 1 has ended; epoch 2 is at https://next.example" in done.out) == (0, True)

    assert "ENDED        goes on as epoch 2 at https://next.example" in run("status", "--home", adopted).out
    refused = run("cut", "--home", adopted)
    assert (refused.code, "this epoch has ended" in refused.err) == (4, True)
    with opened.database.reading() as session:
        found = feed.find_successor(session)
    assert found is not None
    assert found.key_set.canonical() == following.read_bytes()


@pytest.mark.parametrize(
    ("address", "said"), [("http://next.example", "use https"), ("next.example", "https://hub.example")]
)
def test_an_address_that_is_none(run: Run, adopted: Path, following: Path, address: str, said: str) -> None:
    refused = run("successor", "--key-set", following, "--address", address, "--home", adopted)
    assert (refused.code, said in refused.err, refused.err.count("\n")) == (4, True, 1)


def test_a_key_set_that_does_not_follow(run: Run, adopted: Path, held: Ceremony, tmp_path: Path) -> None:
    file = written(tmp_path, held.signed)
    refused = run("successor", "--key-set", file, "--address", ADDRESS, "--home", adopted)
    assert (refused.code, "another predecessor" in refused.err) == (4, True)
    assert run("cut", "--home", adopted).code == 0
