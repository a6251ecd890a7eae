"""The transparency log as custodians and members meet it: notes, proofs, cosignatures."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from alliance_hub.permissions import Sender
from alliance_hub.transparency import cosigning, integrator, keeping
from alliance_hub.transparency import service as transparency
from privacy import merkle
from privacy.checkpoint import (
    Checkpoint,
    Note,
    cosign,
    cosigners,
    custodian_name,
    member_name,
    read_note,
    sign_checkpoint,
    verify_checkpoint,
    verify_counted,
)
from privacy.encoding import b64, unb64
from privacy.logged import LogReceipt
from tests.alliance_hub.builders import Clock, Platform, platform
from tests.alliance_hub.matching.story import Story
from tests.api.asking import Asker, fields, problem


@pytest.fixture
def receipt(story: Story) -> LogReceipt:
    """What the log has of the told alliance and one entry more, integrated."""
    with story.hub.database.transaction() as session:
        receipt = transparency.record_entry(session, "test", {"member": "North"}, now=story.clock())
    integrator.turn(story.hub, story.clock())
    return receipt


def public(app: Flask, path: str) -> Any:
    """Ask as anybody, without a signature."""
    response = app.test_client().get(path)
    assert response.status_code == 200, response.text
    return response.json


def shown(app: Flask) -> Note:
    return read_note(public(app, "/v1/log/checkpoint")["checkpoint"])


def handed_in(story: Story, note: Note, index: int, **changes: Any) -> dict[str, Any]:
    """Return what custodian `index` hands in for a checkpoint, with some of it changed."""
    name = custodian_name(note.checkpoint.origin, index)
    key = story.alliance.custodians[index - 1].key
    line = cosign(key, name, note.checkpoint, at=story.clock()).text()
    names = {"recipient": "hub", "epoch": 1, "key_set": b64(story.hub.key_set.digest)}
    return names | {"size": note.checkpoint.size, "line": line} | changes


def cosigned(story: Story, note: Note, *indices: int) -> None:
    """Let custodians cosign past the API."""
    for index in indices:
        line = handed_in(story, note, index)["line"]
        with story.hub.database.transaction() as session:
            sender = Sender.for_custodian(index)
            cosigning.receive(session, story.hub, sender, note.checkpoint.size, line, story.clock())


@pytest.mark.usefixtures("receipt")
def test_anybody_reads_the_checkpoint_that_the_hub_signed(app: Flask, story: Story) -> None:
    note = shown(app)

    checkpoint = verify_checkpoint(note, story.hub.key_set)
    assert len(note.lines) == 1
    assert checkpoint.size > 1
    assert problem(app.test_client().get("/v1/log/checkpoint?counted=true")) == (404, "no-checkpoint")


def test_an_empty_log_has_none(empty_app: Flask) -> None:
    assert problem(empty_app.test_client().get("/v1/log/checkpoint")) == (404, "no-checkpoint")


@pytest.mark.usefixtures("receipt")
def test_a_custodian_cosigns_and_t_make_it_count(app: Flask, story: Story, as_custodian: Asker) -> None:
    note = shown(app)
    cosigned(story, note, 2)

    taken = as_custodian.post("/v1/log/cosignatures", handed_in(story, note, 1))
    again = as_custodian.post("/v1/log/cosignatures", handed_in(story, note, 1))

    assert taken.status_code == again.status_code == 200
    assert taken.json == again.json == {"size": note.checkpoint.size, "custodians": [1, 2]}
    counted = read_note(public(app, "/v1/log/checkpoint?counted=true")["checkpoint"])
    assert counted.checkpoint == note.checkpoint
    assert verify_counted(counted, story.hub.key_set) == {1: story.clock(), 2: story.clock()}


@pytest.mark.usefixtures("receipt")
def test_a_member_cosigns_what_it_checked(app: Flask, story: Story, as_north: Asker, north: Platform) -> None:
    note = shown(app)
    name = member_name(note.checkpoint.origin, north.key.public)
    line = cosign(north.key, name, note.checkpoint, at=story.clock()).text()

    taken = as_north.post("/v1/log/cosignatures", handed_in(story, note, 1, line=line))

    assert taken.json == {"size": note.checkpoint.size, "custodians": []}
    assert cosigners(shown(app), story.hub.key_set) == {}


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        pytest.param({"recipient": "custodian/1"}, (422, "invalid"), id="another-recipient"),
        pytest.param({"epoch": 2}, (409, "key-set"), id="another-epoch"),
        pytest.param({"key_set": b64(bytes(32))}, (409, "key-set"), id="another-key-set"),
        pytest.param({"size": 1}, (409, "no-checkpoint"), id="never-signed"),
        pytest.param({"line": "x"}, (422, "invalid"), id="no-line"),
        pytest.param({"line": None}, (422, "invalid"), id="no-text"),
    ],
)
@pytest.mark.usefixtures("receipt")
def test_what_is_no_cosignature_of_ours_is_refused(
    app: Flask, story: Story, as_custodian: Asker, changes: dict[str, Any], answer: tuple[int, str]
) -> None:
    body = handed_in(story, shown(app), 1, **changes)
    assert problem(as_custodian.post("/v1/log/cosignatures", body)) == answer


@pytest.mark.usefixtures("receipt")
def test_another_custodians_line_is_refused(app: Flask, story: Story, as_custodian: Asker) -> None:
    response = as_custodian.post("/v1/log/cosignatures", handed_in(story, shown(app), 2))
    assert problem(response) == (422, "cosignature")
    assert fields(response) == ["line"]


def test_a_receipt_is_proven_under_the_counted_checkpoint(
    app: Flask, story: Story, as_north: Asker, as_custodian: Asker, receipt: LogReceipt
) -> None:
    note = shown(app)
    cosigned(story, note, 1, 2)
    with story.hub.database.transaction() as session:
        transparency.record_entry(session, "test", {}, now=story.clock())
    integrator.turn(story.hub, story.clock())
    size = note.checkpoint.size

    for asker in (as_north, as_custodian):
        proof = asker.get(f"/v1/log/inclusion?leaf={receipt.leaf}&size={size}").json
        assert proof is not None
        assert (proof["leaf"], proof["index"], proof["size"]) == (receipt.leaf, size - 1, size)
        path = [unb64(node) for node in proof["path"]]
        merkle.verify_inclusion(unb64(receipt.leaf), size - 1, size, path, note.checkpoint.root)
    whole = as_north.get(f"/v1/log/inclusion?leaf={receipt.leaf}").json
    assert whole is not None
    assert whole["size"] == size + 1


def test_the_log_only_grew(app: Flask, story: Story, receipt: LogReceipt) -> None:
    first = shown(app).checkpoint
    cosigned(story, shown(app), 1, 2, 3)
    with story.hub.database.transaction() as session:
        for _ in range(5):
            transparency.record_entry(session, "test", {}, now=story.clock())
    integrator.turn(story.hub, story.clock())
    second = shown(app).checkpoint

    proof = public(app, f"/v1/log/consistency?old={first.size}&new={second.size}")

    assert (proof["old"], proof["new"]) == (first.size, first.size + 5)
    path = [unb64(node) for node in proof["path"]]
    merkle.verify_consistency(first.size, second.size, first.root, second.root, path)


@pytest.mark.parametrize("query", ["old=3&new=99999", "old=3&new=2"])
@pytest.mark.usefixtures("receipt")
def test_what_the_log_never_was_is_not_proven(app: Flask, query: str) -> None:
    response = app.test_client().get(f"/v1/log/consistency?{query}")
    assert problem(response) == (409, "not-reached")


@pytest.mark.parametrize("query", ["", "old=1", "old=-1&new=2", "old=a&new=b", f"old=1&new={2**60}"])
@pytest.mark.usefixtures("receipt")
def test_sizes_are_numbers(app: Flask, query: str) -> None:
    assert problem(app.test_client().get(f"/v1/log/consistency?{query}")) == (422, "invalid")


def test_what_waits_says_when_to_come_back(story: Story, as_north: Asker, receipt: LogReceipt) -> None:
    with story.hub.database.transaction() as session:
        late = transparency.record_entry(session, "test", {}, now=story.clock())
    response = as_north.get(f"/v1/log/inclusion?leaf={late.leaf}")
    assert problem(response) == (503, "not-integrated")
    assert response.json is not None
    assert response.json["retry_at"] == late.entry["at"].replace(":00Z", ":05Z")
    assert problem(as_north.get(f"/v1/log/inclusion?leaf={receipt.leaf}&size=1")) == (409, "later-checkpoint")


@pytest.mark.parametrize("leaf", ["", "x", b64(bytes(31)), b64(bytes(33)), "A" * 42 + "B"])
def test_a_leaf_has_32_bytes(as_north: Asker, leaf: str) -> None:
    assert problem(as_north.get(f"/v1/log/inclusion?leaf={leaf}")) == (422, "invalid")


def test_an_unknown_leaf_is_not_there(as_north: Asker, receipt: LogReceipt) -> None:
    assert problem(as_north.get(f"/v1/log/inclusion?leaf={b64(bytes(32))}")) == (404, "not-found")


def test_inclusion_is_for_those_who_sign(app: Flask, story: Story, clock: Clock, receipt: LogReceipt) -> None:
    """Who asks after which leaf is nobody else's business, and a stranger holds no receipt."""
    path = f"/v1/log/inclusion?leaf={receipt.leaf}"
    assert problem(app.test_client().get(path)) == (401, "unauthenticated")
    stranger = platform("Stranger", clock)
    assert problem(Asker(app, stranger.key, clock).get(path)) == (401, "unauthenticated")


def test_a_hub_that_was_set_back_shows_nothing(
    app: Flask, story: Story, as_north: Asker, as_custodian: Asker, receipt: LogReceipt
) -> None:
    """To a custodian, a smaller log than the one that it has cosigned is a fork."""
    note, home = shown(app), story.hub.settings.home
    body = handed_in(story, note, 1)
    # The file of a log that has gone on: what it holds is not in this database.
    root = merkle.node_hash(note.checkpoint.root, bytes(32))
    later = Checkpoint(note.checkpoint.origin, note.checkpoint.size + 1, root)
    line = sign_checkpoint(story.hub.keys.hub, later)
    (home / keeping.CHECKPOINT_FILE).write_text(Note(later, (line,)).text(), "utf-8")

    answers = [
        app.test_client().get("/v1/log/checkpoint"),
        app.test_client().get("/v1/log/checkpoint?counted=true"),
        app.test_client().get("/v1/log/consistency?old=1&new=2"),
        as_north.get(f"/v1/log/inclusion?leaf={receipt.leaf}"),
        as_custodian.post("/v1/log/cosignatures", body),
    ]

    assert [problem(answer) for answer in answers] == [(503, "log-behind")] * 5
