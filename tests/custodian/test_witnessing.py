"""A custodian as the log's witness: one root for each size, nothing lost, and a fork proved by both notes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta

import httpx
import pytest

from custodian import cosigned, faults, restoring
from custodian.errors import HubRefused, HubUnreachable, OperatorError, Stopped
from custodian.restoring import Restored
from custodian.server import keep_witnessing
from privacy import checkpoint
from privacy.checkpoint import Note, custodian_name, log_origin, read_line, read_note, verify_checkpoint
from privacy.encoding import instant_text
from tests.custodian.conftest import INDEX, Office
from tests.custodian.test_evaluations import slug
from tests.custodian.test_server import Rounds
from tests.logs import PaperLog


@pytest.fixture
def log(office: Office) -> PaperLog:
    """A log of five entries at the custodian's hub."""
    office.hub.log = PaperLog(office.alliance.key_set).grows(5)
    return office.hub.log


def sizes(office: Office) -> list[int]:
    return [size for size, _ in office.hub.cosignatures]


def notes_of_the_alarm(office: Office) -> list[Note]:
    """Return the evidence of the fork: each note must be signed by the hub, as anybody can check."""
    found = office.custodian.ledger.evidence("log-fork")
    assert found is not None
    alarm, evidence = found
    notes = [read_note(text) for text in json.loads(evidence)["notes"]]
    for note in notes:
        verify_checkpoint(note, office.alliance.key_set)
        _, size, root, *_ = note.text().split("\n")
        assert f"size {size}, root {root}" in alarm.detail
    return notes


def test_it_cosigns_and_hands_in_what_grew(office: Office, log: PaperLog) -> None:
    office.custodian.witness()
    log.grows(4)
    office.custodian.witness()

    assert sizes(office) == [5, 9]
    key_set = office.alliance.key_set
    name = custodian_name(log_origin(key_set), INDEX)
    for (_, line), note in zip(office.hub.cosignatures, (log.newest(5), log.newest(9)), strict=True):
        at = checkpoint.verify_cosignature(
            read_line(line), note.checkpoint, name=name, public=key_set.witness(INDEX)
        )
        assert at == office.alliance.now


def test_it_cosigns_a_size_once(office: Office, log: PaperLog) -> None:
    for _ in range(3):
        office.custodian.witness()
        office.alliance.passes(minutes=1)

    assert sizes(office) == [5]


def test_anybody_sees_what_it_cosigned_last(office: Office, log: PaperLog) -> None:
    before = office.asker.get("/v1/checkpoint")
    office.custodian.witness()
    shown = office.asker.get("/v1/checkpoint")

    assert (before.status_code, slug(before)) == (404, "no-checkpoint")
    note = read_note(shown.get_json()["checkpoint"])
    assert note.checkpoint == log.newest().checkpoint
    assert checkpoint.cosigners(note, office.alliance.key_set) == {INDEX: office.alliance.now}


def test_after_a_crash_before_sending_it_sends_the_same(
    office: Office, log: PaperLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Crash(BaseException):
        """The process ends here."""

    def dies(point: str) -> None:
        assert point == "checkpoint.cosigned"
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(faults, "reached", dies)
        with pytest.raises(Crash):
            office.custodian.witness()
    assert office.hub.cosignatures == []
    kept = cosigned.find(office.custodian.ledger, INDEX)
    assert kept is not None
    office.alliance.passes(hours=1)
    log.grows(1)

    office.custodian.witness()

    assert sizes(office) == [5, 6]
    assert office.hub.cosignatures[0][1] == kept.note.lines[-1].text()


def another_root(log: PaperLog) -> PaperLog:
    return log.forked(at=4, grows=1)


def smaller(log: PaperLog) -> PaperLog:
    return log.forked(at=4, grows=0)


def seems_to_go_on(log: PaperLog) -> PaperLog:
    """Larger, with the proof that the honest log would have given."""
    other = log.forked(at=3, grows=6)
    other.proves = log.grows(4).consistency(5, 9)
    return other


def begins_otherwise(log: PaperLog) -> PaperLog:
    """Larger, and proved truly of itself: it begins with another first entry."""
    return log.forked(at=0, grows=9)


@pytest.mark.parametrize("fork", [another_root, smaller, seems_to_go_on, begins_otherwise])
def test_a_forked_log_stops_it_with_both_notes(
    office: Office, log: PaperLog, fork: Callable[[PaperLog], PaperLog]
) -> None:
    office.custodian.witness()
    believed = log.newest()
    office.hub.log = fork(log)
    shown = office.hub.log.newest()

    with pytest.raises(Stopped):
        office.custodian.witness()

    assert [note.checkpoint for note in notes_of_the_alarm(office)] == [
        shown.checkpoint,
        believed.checkpoint,
    ]
    assert sizes(office) == [5]
    response = office.ask("POST", "/v1/evaluations", office.alliance.enrols("北辰").key, b"{}")
    assert (response.status_code, slug(response)) == (503, "stopped")


def test_going_on_after_a_fork_overlooks_nothing(office: Office, log: PaperLog) -> None:
    office.custodian.witness()
    office.hub.log = another_root(log)
    with pytest.raises(Stopped):
        office.custodian.witness()
    office.custodian.ledger.set_fact("stopped", None)

    with pytest.raises(Stopped):
        office.custodian.witness()
    assert office.alarms() == ["log-fork", "log-fork"]


def told_by_fellows(office: Office, logs: dict[int, PaperLog]) -> None:
    office.hub.cosigned_by_fellows = [
        log.counted(at=office.alliance.now, by=(index,)) for index, log in logs.items()
    ]


@pytest.mark.parametrize(("at", "grows"), [(4, 1), (3, 1), (0, 8)])
def test_a_view_split_between_custodians_is_found_by_comparing(
    office: Office, log: PaperLog, at: int, grows: int
) -> None:
    """Custodian 2 was shown another log, of the same size, a smaller or a larger one."""
    office.custodian.witness()
    other = log.forked(at=at, grows=grows)
    told_by_fellows(office, {2: other})

    with pytest.raises(Stopped, match="cosigned by custodian 2: size"):
        office.custodian.compare_logs()

    shown = {note.checkpoint for note in notes_of_the_alarm(office)}
    assert shown == {log.newest().checkpoint, other.newest().checkpoint}


def test_fellows_that_are_behind_or_ahead_are_no_alarm(office: Office, log: PaperLog) -> None:
    office.custodian.witness()
    behind, ahead = log.forked(at=3, grows=0), copy_of(log).grows(4)
    office.hub.log = ahead
    told_by_fellows(office, {2: behind, 3: ahead})

    office.custodian.compare_logs()

    assert office.alarms() == []
    known = {each.custodian: each.size for each in cosigned.every(office.custodian.ledger)}
    assert known == {1: 5, 2: 3, 3: 9}


def copy_of(log: PaperLog) -> PaperLog:
    return log.forked(at=log.size, grows=0)


def test_what_the_hub_has_not_signed_proves_nothing(office: Office, log: PaperLog) -> None:
    office.custodian.witness()
    forged = another_root(log)
    forged.key = office.alliance.secretariat.key
    now = office.alliance.now
    unsigned = Note(another_root(log).newest().checkpoint, ())
    office.hub.cosigned_by_fellows = [
        None,
        forged.counted(at=now, by=(2,)),
        log.cosigned(unsigned, at=now, by=(2,)),
    ]

    office.custodian.compare_logs()

    assert office.alarms() == []
    assert [each.custodian for each in cosigned.every(office.custodian.ledger)] == [INDEX]


def test_two_logs_that_the_hub_signed_are_two_whoever_shows_it(office: Office, log: PaperLog) -> None:
    office.custodian.witness()
    office.hub.cosigned_by_fellows = [another_root(log).newest()]

    with pytest.raises(Stopped, match="shown by a fellow: size 5"):
        office.custodian.compare_logs()


def no_log(office: Office, log: PaperLog) -> None:
    office.hub.log = None


def silent(office: Office, log: PaperLog) -> None:
    office.hub.silent = True


def proves_nothing(office: Office, log: PaperLog) -> None:
    def refuses(old: int, new: int) -> Sequence[bytes]:
        raise HubRefused("internal", "no")

    log.grows(1)
    office.hub.consistency = refuses  # type: ignore[method-assign, assignment]


def signed_by_another(office: Office, log: PaperLog) -> None:
    log.grows(1)
    log.key = office.alliance.secretariat.key


def not_a_note(office: Office, log: PaperLog) -> None:
    office.hub.checkpoint = lambda: "<html>sorry</html>"  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("trouble", "alarms"),
    [
        (no_log, ["log"]),
        (silent, []),
        (proves_nothing, ["log"]),
        (signed_by_another, ["log"]),
        (not_a_note, ["log"]),
    ],
)
def test_a_log_that_is_slow_dead_or_garbled_stops_nothing(
    office: Office,
    log: PaperLog,
    trouble: Callable[[Office, PaperLog], None],
    alarms: list[str],
) -> None:
    north = office.alliance.enrols("北辰")
    office.custodian.follow()
    office.custodian.witness()
    trouble(office, log)

    keep_witnessing(office.custodian, Rounds(3), 1.0)

    assert office.alarms() == alarms
    assert sizes(office) == [5]
    office.custodian.follower.require_running()
    assert office.ask("GET", "/v1/account", north.key).status_code == 200


def test_a_hub_that_does_not_take_a_cosignature_raises_an_alarm_once(office: Office, log: PaperLog) -> None:
    office.hub.refuses = "no-checkpoint"
    for _ in range(3):
        office.custodian.witness()
    assert office.alarms() == ["log"]
    office.hub.refuses = None

    office.custodian.witness()

    assert sizes(office) == [5]
    assert office.custodian.ledger.fact("cosignature_refused") is None


def test_a_hub_without_a_log_is_no_alarm(office: Office) -> None:
    for _ in range(2):
        office.custodian.witness()

    assert (office.alarms(), sizes(office)) == ([], [])


def restored(office: Office) -> None:
    """Have the custodian come back from a backup that forgot nothing of its feed."""
    since = instant_text(office.alliance.now - timedelta(hours=1))
    restoring.remember(office.custodian.ledger, Restored(since, instant_text(office.alliance.now)))


def test_after_a_restoration_it_cosigns_only_what_begins_with_the_fellows_log(
    office: Office, log: PaperLog
) -> None:
    """It has forgotten that it cosigned nine entries; a hub that lies would have it cosign others."""
    office.custodian.witness()
    cosigned_before = copy_of(log).grows(4)
    restored(office)
    office.custodian.witness()
    assert sizes(office) == [5]
    office.hears_fellows(2, 3)
    office.custodian.follow()
    office.custodian.witness()
    assert sizes(office) == [5]

    office.hub.log = cosigned_before
    told_by_fellows(office, {2: cosigned_before, 3: log})
    office.custodian.compare_logs()
    office.hub.log = log.forked(at=5, grows=6)

    with pytest.raises(Stopped):
        office.custodian.witness()
    assert sizes(office) == [5]


def test_after_a_restoration_it_waits_until_enough_fellows_have_told(office: Office, log: PaperLog) -> None:
    restored(office)
    office.hears_fellows(2, 3)
    office.custodian.follow()
    office.hub.cosigned_by_fellows = [None]
    office.custodian.compare_logs()
    office.custodian.witness()
    assert sizes(office) == []

    office.hub.cosigned_by_fellows = [None, None]
    office.custodian.compare_logs()
    office.custodian.witness()
    assert sizes(office) == [5]


def test_of_two_processes_one_cosigns(office: Office, log: PaperLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at what was cosigned last and the signature another process was faster."""
    proof = office.hub.consistency
    office.custodian.witness()
    log.grows(4)

    def another_is_faster(old: int, new: int) -> list[bytes]:
        monkeypatch.setattr(office.hub, "consistency", proof)
        office.custodian.witness()
        return proof(old, new)

    monkeypatch.setattr(office.hub, "consistency", another_is_faster)
    office.custodian.witness()

    assert sizes(office) == [5, 9]


def test_the_thread_witnesses_and_compares(office: Office, log: PaperLog) -> None:
    keep_witnessing(office.custodian, Rounds(1), 1.0)
    told_by_fellows(office, {2: another_root(log)})
    keep_witnessing(office.custodian, Rounds(2), 1.0)

    assert office.alarms() == ["log-fork"]


def test_an_unreachable_hub_is_asked_again(office: Office, log: PaperLog) -> None:
    office.hub.silent = True
    with pytest.raises(HubUnreachable):
        office.custodian.witness()
    office.hub.silent = False

    office.custodian.witness()

    assert sizes(office) == [5]


def test_asking_takes_what_answers_and_is_a_note_or_says_nothing_yet(
    log: PaperLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, none_yet = {"checkpoint": log.newest().text()}, {"type": "urn:alliance-hub:problem:no-checkpoint"}
    answers = {
        "a": httpx.Response(200, json=good),
        "b": httpx.Response(404, json=none_yet),
        "c": httpx.Response(404, json={"type": "urn:alliance-hub:problem:not-found"}),
        "d": httpx.Response(200, content=b"<html>"),
        "e": httpx.Response(200, json=["checkpoint"]),
        "f": httpx.Response(200, json={"checkpoint": "no note"}),
        "g": httpx.Response(503, json=good),
        "h": httpx.Response(200, json={**good, "more": " " * 300_000}),
    }

    def answer(request: httpx.Request) -> httpx.Response:
        letter, _, rest = str(request.url).removeprefix("https://").partition(".")
        if letter not in answers:
            raise httpx.ConnectError("nobody there")
        assert rest == "example/v1/checkpoint"
        return answers[letter]

    usual = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **_: usual(transport=httpx.MockTransport(answer)))

    assert cosigned.ask([f"https://{letter}.example/" for letter in "abcdefghi"]) == [log.newest(), None]


def test_a_fellow_is_not_asked_in_the_clear() -> None:
    with pytest.raises(OperatorError, match="https"):
        cosigned.ask(["http://a.example"])
