"""A member follows the hub's log: its own notes prove a fork, its own receipt what it did not enter."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from member import Member, Refused, log, match, seeking, settle, submit, withdraw
from member.checking import check
from member.checks import Check, Verdict
from member.checks.log import Outcome
from member.vault import checkpoints, epochs, receipts
from member.vault.receipts import Kept
from privacy.answers import SignedMatchAnswer, verify_answer
from privacy.checkpoint import Note, cosigners, read_note, verify_checkpoint, verify_counted
from privacy.encoding import b64, instant_text
from privacy.keyset import Policy
from privacy.messages import parse_json
from privacy.signing import SigningKey
from tests.feeds import made, secret
from tests.logs import PaperLog
from tests.member.conftest import Alliance, Heard, Run
from tests.member.logs import Log
from tests.member.people import loan, write
from tests.member.server import Problem
from tests.member.test_answers import AS_OF
from tests.member.witnesses import Witnesses


@pytest.fixture
def hub_log(alliance: Alliance) -> Log:
    """The hub's log, with five entries about others."""
    alliance.hub.log.paper.grows(5)
    return alliance.hub.log


def alarms(found: list[Check]) -> list[str]:
    return [each.says for each in found if each.verdict is Verdict.ALARM]


def seen(member: Member) -> Note:
    note = checkpoints.find(member.vault)
    assert note is not None
    return note


# The checkpoint


def test_what_was_checked_is_kept_and_cosigned_once(alliance: Alliance, south: Member, hub_log: Log) -> None:
    for grows in (0, 0, 4):
        hub_log.paper.grows(grows)
        followed = log.follow(south)
        assert [each.verdict for each in followed.checks] == [Verdict.FINE]

    assert [size for size, _ in hub_log.cosignatures] == [5, 9]
    at = hub_log.verify_cosigned(south.keys.signing.public, 9)
    assert abs(at - alliance.clock()) < timedelta(seconds=30)
    assert seen(south).checkpoint == hub_log.paper.newest().checkpoint
    verify_counted(seen(south), alliance.key_set)


def test_a_cosignature_that_the_hub_does_not_take_keeps_nobody_from_work(
    alliance: Alliance, south: Member, hub_log: Log
) -> None:
    del alliance.hub.routes[("POST", "/v1/log/cosignatures")]

    followed = log.follow(south)

    assert [each.verdict for each in followed.checks] == [Verdict.FINE, Verdict.NOTE]
    assert seen(south).checkpoint == hub_log.paper.newest().checkpoint


def another_root(paper: PaperLog) -> PaperLog:
    return paper.forked(at=4, grows=1)


def smaller(paper: PaperLog) -> PaperLog:
    return paper.forked(at=4, grows=0)


def seems_to_go_on(paper: PaperLog) -> PaperLog:
    """Larger, with the proof that the honest log would have given."""
    other = paper.forked(at=3, grows=6)
    other.proves = paper.forked(at=5, grows=0).grows(4).consistency(5, 9)
    return other


def begins_otherwise(paper: PaperLog) -> PaperLog:
    """Larger, and proved truly of itself."""
    return paper.forked(at=0, grows=9)


FORKS = [another_root, smaller, seems_to_go_on, begins_otherwise]
Fork = Callable[[PaperLog], PaperLog]


def require_both_heads(alliance: Alliance, alarm: str, notes: dict[str, str], *who: str) -> None:
    """The alarm names both heads, and the evidence holds both notes, signed by the hub."""
    assert "FORK" in alarm
    for each in who:
        note = read_note(notes[each])
        verify_checkpoint(note, alliance.key_set)
        _, size, root, *_ = note.text().split("\n")
        assert f"size {size}, root {root}" in alarm


@pytest.mark.parametrize("fork", FORKS)
def test_a_member_with_an_older_note_notices_a_forked_log(
    alliance: Alliance, south: Member, hub_log: Log, fork: Fork
) -> None:
    log.follow(south)
    believed = seen(south)
    hub_log.paper = fork(hub_log.paper)

    looked = seeking.look_for_receipts(south)

    (alarm,) = alarms(looked.followed.checks)
    require_both_heads(alliance, alarm, looked.evidence()["checkpoints"], "the hub", "seen last")
    assert looked.exit_code == 1
    assert seen(south) == believed
    assert [size for size, _ in hub_log.cosignatures] == [5]


def test_a_hub_that_does_not_prove_what_it_signed_is_an_alarm_too(
    alliance: Alliance, south: Member, hub_log: Log
) -> None:
    log.follow(south)
    hub_log.shows = hub_log.paper.grows(4).counted(at=alliance.clock())
    hub_log.paper = hub_log.paper.forked(at=5, grows=0)

    (alarm,) = alarms(log.follow(south).checks)

    assert "It does not prove otherwise: the hub: the log has not reached this size" in alarm


@pytest.mark.parametrize("fork", [*FORKS[:2], begins_otherwise])
def test_a_custodian_that_was_shown_another_log_is_found(
    alliance: Alliance, south: Member, hub_log: Log, fork: Fork
) -> None:
    """Custodian 3 cosigned a log of the same size, a smaller or a larger one; nobody else saw it."""
    Witnesses(alliance, south)
    other = fork(hub_log.paper)
    if fork is smaller:
        other = other.forked(at=3, grows=1)
    hub_log.custodians[3] = other.counted(at=alliance.clock(), by=(3,))

    checked = check(south)

    (alarm,) = alarms([each for each in checked.checks if each.what == "the log"])
    require_both_heads(alliance, alarm, checked.evidence["log"]["checkpoints"], "the hub", "custodian 3")
    assert "custodian 3: size" in alarm
    assert cosigners(read_note(checked.evidence["log"]["checkpoints"]["custodian 3"]), alliance.key_set)
    assert checked.exit_code == 1


def test_custodians_that_are_behind_or_ahead_are_no_alarm(
    alliance: Alliance, south: Member, hub_log: Log
) -> None:
    Witnesses(alliance, south)
    now = alliance.clock()
    hub_log.counted_size = 4
    hub_log.custodians = {
        1: hub_log.paper.counted(at=now, by=(1,)),
        2: hub_log.paper.counted(at=now, by=(2,), size=3),
    }

    found = [(each.verdict, each.says) for each in check(south).checks if each.what == "the log"]

    assert found[1:] == [(Verdict.FINE, "what custodians 1, 2 and 3 cosigned last is the same log")]


def test_what_a_custodian_has_not_cosigned_is_its_own_lie_and_no_fork(
    alliance: Alliance, south: Member, hub_log: Log
) -> None:
    Witnesses(alliance, south)
    forged = another_root(hub_log.paper)
    forged.key = SigningKey(secret("another hub"))
    hub_log.custodians = {
        1: hub_log.paper.counted(at=alliance.clock(), by=(2,)),
        2: forged.counted(at=alliance.clock(), by=(2,)),
    }

    found = alarms([each for each in check(south).checks if each.what == "the log"])

    assert sorted(found) == [
        "custodian 1 shows a checkpoint that it has not cosigned",
        "custodian 2 shows a checkpoint that does not hold: the hub has not signed the checkpoint",
    ]


@pytest.mark.parametrize("by", [(), (3,)])
def test_a_checkpoint_that_too_few_cosigned_does_not_count(
    south: Member, hub_log: Log, by: tuple[int, ...]
) -> None:
    hub_log.cosigned_by = by

    (alarm,) = alarms(log.follow(south).checks)

    assert f"2 custodians must cosign a checkpoint, {len(by)} did" in alarm
    assert checkpoints.find(south.vault) is None


def no_log(log: Log) -> None:
    log.absent = True


def nothing_yet(log: Log) -> None:
    log.paper.leaves.clear()


@pytest.mark.parametrize("trouble", [no_log, nothing_yet])
def test_a_hub_without_a_log_or_a_checkpoint_is_no_alarm(
    alliance: Alliance, south: Member, trouble: Callable[[Log], None]
) -> None:
    settle(south, "NA-000001")
    trouble(alliance.hub.log)

    looked = seeking.look_for_receipts(south)

    assert [each.verdict for each in (*looked.followed.checks, *looked.checks)] == [Verdict.NOTE] * 2
    assert [each.outcome for each in looked.receipts] == [Outcome.WAITS]
    assert looked.exit_code == 0


def test_a_hub_that_shows_no_checkpoint_any_more_is_an_alarm(
    alliance: Alliance, south: Member, hub_log: Log
) -> None:
    log.follow(south)
    hub_log.absent = True

    (alarm,) = alarms(log.follow(south).checks)

    assert "the hub shows no checkpoint any more, and it has shown one: size 5, root" in alarm


def test_a_hub_that_does_not_answer_is_asked_again_later(alliance: Alliance, south: Member) -> None:
    settle(south, "NA-000001")
    alliance.hub.close()

    looked = seeking.look_for_receipts(south)

    assert looked.exit_code == 3
    assert [each.outcome for each in looked.receipts] == [Outcome.UNKNOWN]


# Receipts


def looked(member: Member) -> list[tuple[Outcome, int | None]]:
    """Look for the receipts and return what became of them, in the order of the log."""
    found = [(each.outcome, each.kept.number) for each in seeking.look_for_receipts(member).receipts]
    return sorted(found, key=lambda each: each[1] or 0)


def test_an_entry_is_found_once_and_not_asked_for_again(south: Member, hub_log: Log) -> None:
    settle(south, "NA-000001")
    assert looked(south) == [(Outcome.FOUND, 5)]
    withdraw(south, "NA-000002")

    assert looked(south) == [(Outcome.FOUND, 5), (Outcome.FOUND, 6)]
    assert hub_log.asked == hub_log.paper.leaves[5:7]
    assert sorted(each.size or 0 for each in receipts.list_receipts(south.vault)) == [6, 7]


def test_a_proof_that_does_not_hold_finds_nothing(alliance: Alliance, south: Member, hub_log: Log) -> None:
    settle(south, "NA-000001")
    alliance.clock.passes(minutes=2)
    hub_log.paper.inclusion = lambda leaf, size: (5, [bytes(32)] * 2)  # type: ignore[method-assign]

    found = seeking.look_for_receipts(south)

    assert [each.outcome for each in found.receipts] == [Outcome.MISSING]
    assert (
        found.receipts[0].refusal == "the hub's proof does not hold: the leaf does not stand under this root"
    )


def test_an_entry_in_no_tree_is_an_alarm_with_what_proves_it(
    alliance: Alliance, south: Member, hub_log: Log, tmp_path: Path
) -> None:
    """The hub answered a question under its signature, and entered nothing."""
    file = write(tmp_path / "loans.csv", loan(1))
    submit(south, file, as_of=AS_OF)
    hub_log.withholds = True
    match(south, file, tmp_path / "answers.jsonl", purpose="post_loan_management")
    assert looked(south) == [(Outcome.WAITS, None)]
    alliance.clock.passes(seconds=61)

    found = seeking.look_for_receipts(south)

    assert (found.exit_code, [each.outcome for each in found.receipts]) == (1, [Outcome.MISSING])
    (alarm,) = alarms(found.checks)
    assert "custodians cosigned the log of size 5" in alarm
    assert "more than a minute after the entry" in alarm
    # From here on as whoever gets the file: the hub's signature, the receipt's leaf, the counted checkpoint.
    evidence = json.loads(msgspec.json.encode(found.evidence()))
    (shown,) = evidence["receipts"]
    answer = parse_json(SignedMatchAnswer, json.dumps(shown["answer"]))
    verify_answer(answer, alliance.key_set.hub_key)
    assert answer.receipt.leaf == shown["receipt"]["leaf"]
    counted = verify_counted(read_note(evidence["checkpoints"]["the hub"]), alliance.key_set)
    assert all(instant_text(at) > shown["receipt"]["entry"]["at"] for at in counted.values())
    assert shown["denial"] == "the hub: the log holds no entry with this leaf"


def test_a_missing_entry_stays_an_alarm_until_it_is_found_and_then_came_late(
    alliance: Alliance, south: Member, hub_log: Log
) -> None:
    hub_log.withholds = True
    settle(south, "NA-000001")
    alliance.clock.passes(minutes=2)
    assert looked(south) == [(Outcome.MISSING, None)]
    hub_log.absent = True
    assert looked(south) == [(Outcome.MISSING, None)]
    hub_log.absent = False
    hub_log.refuses = lambda leaf: Problem(500, "internal")
    assert looked(south) == [(Outcome.MISSING, None)]
    hub_log.refuses = lambda leaf: None
    (kept,) = receipts.list_receipts(south.vault)
    hub_log.paper.leaves.append(kept.leaf)

    found = seeking.look_for_receipts(south)

    assert [each.verdict for each in found.checks] == [Verdict.FINE, Verdict.NOTE]
    assert "1 of them entered late" in found.checks[1].says


def test_while_the_log_stands_still_nothing_is_proved(
    alliance: Alliance, south: Member, hub_log: Log
) -> None:
    hub_log.withholds = True
    settle(south, "NA-000001")
    hub_log.cosigned_at = alliance.clock()
    alliance.clock.passes(days=2)

    found = seeking.look_for_receipts(south)

    assert (found.exit_code, [each.outcome for each in found.receipts]) == (0, [Outcome.WAITS])
    (note,) = found.checks
    assert "until custodians cosign a newer one nothing is proved" in note.says


@pytest.mark.parametrize("slug", ["later-checkpoint", "not-integrated"])
def test_what_the_hub_promises_for_the_next_checkpoint_it_may_promise_once(
    alliance: Alliance, south: Member, hub_log: Log, slug: str
) -> None:
    """Custodians that were away cosign an old checkpoint late; the next one must have the entry."""
    hub_log.withholds = True
    settle(south, "NA-000001")
    hub_log.refuses = lambda leaf: Problem(503 if slug == "not-integrated" else 409, slug, "soon")
    alliance.clock.passes(minutes=10)

    assert looked(south) == [(Outcome.LATER, None)]
    assert looked(south) == [(Outcome.LATER, None)]
    hub_log.paper.grows(1)
    assert looked(south) == [(Outcome.MISSING, None)]


@pytest.mark.parametrize(
    ("status", "slug", "asked"), [(500, "internal", 1), (429, "quota-exceeded", 1), (403, "not-active", 2)]
)
def test_who_does_not_answer_for_an_entry_denies_nothing(
    alliance: Alliance, south: Member, hub_log: Log, status: int, slug: str, asked: int
) -> None:
    """And whoever is silent for one entry is not asked for a thousand."""
    settle(south, "NA-000001")
    withdraw(south, "NA-000002")
    hub_log.refuses = lambda leaf: Problem(status, slug, "not now")
    alliance.clock.passes(minutes=10)

    found = seeking.look_for_receipts(south)

    assert (found.exit_code, [each.outcome for each in found.receipts]) == (3, [Outcome.UNKNOWN] * 2)
    assert len(hub_log.asked) == asked


def test_an_entry_that_says_it_was_made_later_is_due_when_it_was_received(
    alliance: Alliance, south: Member, hub_log: Log
) -> None:
    """A hub could date its entries ahead, and never be late."""
    hub_log.withholds = True
    ahead = alliance.hub.receipt(
        {"kind": "statement", "at": instant_text(alliance.clock() + timedelta(days=9))}
    )
    receipts.keep(south.vault, ahead, at=alliance.clock())
    alliance.clock.passes(minutes=2)

    assert looked(south) == [(Outcome.MISSING, None)]


def test_many_receipts_are_looked_for_with_a_word_of_progress(
    alliance: Alliance, south: Member, hub_log: Log, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[tuple[str, int]] = []
    usual = heard.step
    monkeypatch.setattr(
        heard, "step", lambda title, total: steps.append((title, total)) or usual(title, total)
    )
    monkeypatch.setattr(seeking, "_TOGETHER", 20)
    with south.vault.transaction():
        for number in range(45):
            receipt = alliance.hub.receipt({"kind": "statement", "number": number})
            receipts.keep(south.vault, receipt, at=alliance.clock())

    first, second = looked(south), looked(south)

    assert sorted(number or 0 for _, number in first) == list(range(5, 50))
    assert (first, len(hub_log.asked)) == (second, 45)
    assert steps == [("Looking for your entries in the log", 45)]


def test_that_a_question_was_denied_stands_in_the_log_too(
    alliance: Alliance, south: Member, hub_log: Log, tmp_path: Path
) -> None:
    file = write(tmp_path / "loans.csv", loan(1))
    submit(south, file, as_of=AS_OF)
    receipt = alliance.hub.receipt({"kind": "match", "allowed": False})
    routes = alliance.hub.routes

    def denies(received: Any) -> Any:
        raise Problem(403, "denied", "not in the agreement", receipt=msgspec.to_builtins(receipt))

    routes[("POST", "/v1/matches")] = denies

    with pytest.raises(Refused):
        match(south, file, tmp_path / "answers.jsonl", purpose="post_loan_management")

    assert [each.receipt for each in receipts.list_receipts(south.vault)] == [receipt]


def test_signed_answers_are_kept_until_found_and_within_bounds(
    alliance: Alliance, south: Member, hub_log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "loans.csv", loan(1))
    submit(south, file, as_of=AS_OF)

    def asks() -> Kept:
        alliance.clock.passes(seconds=2)
        match(south, file, tmp_path / "answers.jsonl", purpose="post_loan_management")
        return receipts.list_receipts(south.vault)[-1]

    first = asks()
    monkeypatch.setattr(receipts, "ANSWERS_KEPT", 1)
    second = asks()

    assert receipts.get_answer(south.vault, first.leaf) is not None
    assert receipts.get_answer(south.vault, second.leaf) is None
    assert [outcome for outcome, _ in looked(south)] == [Outcome.FOUND] * 2
    assert receipts.get_answer(south.vault, first.leaf) is None


def test_entries_of_an_epoch_that_has_ended_are_not_looked_for_in_another_log(
    alliance: Alliance, south: Member, hub_log: Log
) -> None:
    settle(south, "NA-000001")
    log.follow(south)
    key_set = msgspec.structs.replace(alliance.key_set, epoch=2)
    signed = msgspec.structs.replace(made(Policy.for_synthetic_data(), 3, 2)[0], key_set=key_set)
    epochs.begin(south.vault, msgspec.structs.replace(south.settings, key_set=signed))
    hub_log.paper = PaperLog(key_set).grows(1)

    found = seeking.look_for_receipts(south)

    assert [each.outcome for each in found.receipts] == [Outcome.ENDED]
    assert (hub_log.asked, found.exit_code) == ([], 0)
    assert seen(south).checkpoint.origin.endswith(b64(key_set.digest))


# The command


def test_the_command_lists_looks_and_ends_with_an_alarm(
    alliance: Alliance,
    south: Member,
    hub_log: Log,
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("settle", "NA-000001") == 0
    assert run("receipts") == 0
    assert "1 log entry of yours proven to stand in the log" in capsys.readouterr().out
    hub_log.withholds = True
    assert run("withdraw", "NA-000002") == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(receipts, "parse_instant", lambda text: alliance.clock() - timedelta(minutes=5))
        patch.setattr("member.checks.log.parse_instant", lambda text: alliance.clock() - timedelta(minutes=5))
        assert run("receipts", "--out", tmp_path / "receipts.json") == 1

    said = capsys.readouterr()
    assert "ALARM, receipts: statement of" in said.err
    assert "MISSING" in said.out
    document = json.loads((tmp_path / "receipts.json").read_bytes())
    assert {each["outcome"] for each in document["receipts"]} == {"in the log", "MISSING"}
    assert run("receipts", "--out", tmp_path / "receipts.csv") == 4
