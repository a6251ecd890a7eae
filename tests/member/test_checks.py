"""The comparisons by which a member finds out who lies, each with hand-made accounts of what was said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from member import Unavailable, Untrusted, checks, wire
from member.checks import Check, Seen, Verdict
from member.vault.statements import Kept
from privacy.encoding import b64
from privacy.feed import Head
from privacy.keyset import Policy
from privacy.signing import SigningKey
from privacy.statements import CutSignature, SignedStatement, Withdrawal, sign_statement
from tests.feeds import made, secret
from tests.member.witnesses import HEAD, OTHER, PERIOD, witness

KEY_SET = made(Policy.for_synthetic_data(), 3, 2)[0].key_set
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
CUT = {"period": PERIOD, "position": 30, "effective": True, "signatures": [1, 2, 3], "live_records": 0}
ALL = (1, 2, 3)


def said(number: int, what: str = "a contract") -> SignedStatement:
    """Return a statement of this member."""
    return sign_statement(
        SigningKey(secret("south")),
        Withdrawal(contract_ref=b64(secret(what))),
        alliance=KEY_SET.alliance,
        epoch=1,
        author="member/南山",
        sequence=number,
        previous=secret("before"),
        signed_at=NOW,
    )


KEPT = [Kept(said(1), NOW), Kept(said(2), NOW)]


def judged(number: int, **changes: Any) -> dict[str, Any]:
    """Return what an honest custodian makes of statement `number`, at position 20 + `number`."""
    usual = {
        "sequence": number,
        "position": 20 + number,
        "type": "withdrawal",
        "valid": True,
        "reason": None,
        "digest": b64(said(number).digest()),
    }
    return usual | changes


def account(**changes: Any) -> dict[str, Any]:
    return {
        "member": "南山",
        "state": "active",
        "position": 40,
        "head": HEAD,
        "next_sequence": 3,
        "previous": b64(said(2).digest()),
        "evaluations": {"epoch": {"quota": 4, "used": 0}, "day": {"quota": 2, "used": 0}},
        "openings": {"quota": 4, "used": 0},
        "live_records": 7,
        "cut": CUT,
        "cuts": [CUT],
        "last_statements": [judged(2), judged(1)],
    } | changes


def seen(accounts: dict[int, dict[str, Any]] | None = None) -> Seen:
    """Return what was said when custodians tell the truth, but for the `accounts` of some."""
    told = {index: account() for index in ALL} | (accounts or {})
    return Seen(
        key_set=KEY_SET,
        hub=None,
        accounts={index: msgspec.convert(each, wire.CustodianAccount) for index, each in told.items()},
        heads={index: head() for index in ALL},
    )


def head(position: int = 40, root: str = HEAD) -> Head:
    return Head(alliance=KEY_SET.alliance, epoch=1, position=position, head=root, at="2026-11-20T04:00:00Z")


def told(found: Iterable[Check]) -> list[tuple[Verdict, str]]:
    return [(each.verdict, each.says) for each in found]


def alarms(found: Iterable[Check]) -> list[str]:
    found = list(found)
    assert all(each.verdict is Verdict.ALARM for each in found), "nothing is fine beside an alarm"
    return [each.says for each in found]


# Heads


def with_heads(**heads: Head) -> Seen:
    return Seen(KEY_SET, None, {}, {int(index.strip("_")): each for index, each in heads.items()})


def test_one_head_at_one_position_is_fine() -> None:
    assert told(checks.compare_heads(seen())) == [
        (Verdict.FINE, "custodians 1, 2 and 3 signed the same at position 40")
    ]


def test_two_heads_at_one_position_are_a_fork() -> None:
    (alarm,) = alarms(checks.compare_heads(with_heads(_1=head(), _2=head(40, OTHER), _3=head())))
    assert alarm.startswith(
        "FORK: different heads were signed for position 40, custodians 1 and 3 against custodian 2."
    )


def test_three_heads_are_three_sides() -> None:
    third = head(40, b64(secret("a third head")))
    (alarm,) = alarms(checks.compare_heads(with_heads(_1=head(), _2=head(40, OTHER), _3=third)))
    assert "custodian 1 against custodian 2 against custodian 3" in alarm


def test_who_stands_elsewhere_contradicts_nobody() -> None:
    ((verdict, text),) = told(checks.compare_heads(with_heads(_1=head(), _2=head(39, OTHER), _3=head())))
    assert verdict is Verdict.NOTE
    assert "custodian 2 at 39, custodians 1 and 3 at 40" in text


def test_a_single_head_confirms_nothing() -> None:
    assert told(checks.compare_heads(with_heads(_2=head()))) == [
        (Verdict.NOTE, "only custodian 2 signed one, at position 40")
    ]
    assert told(checks.compare_heads(with_heads()))[0][0] is Verdict.NOTE


def test_who_signs_one_head_and_tells_another_is_named() -> None:
    found = told(checks.compare_heads(seen({3: account(head=OTHER)})))
    assert (
        Verdict.ALARM,
        "custodian 3 signs one head for position 40 and tells you another",
    ) in found


def test_without_a_hub_nothing_is_compared_with_it() -> None:
    assert told(checks.compare_with_hub(seen()))[0][0] is Verdict.NOTE


# Statements


def statements(accounts: dict[int, dict[str, Any]] | None = None, kept: list[Kept] = KEPT) -> list[str]:
    return alarms(checks.compare_statements(seen(accounts), kept, set()))


def all_say(*last: dict[str, Any]) -> dict[int, dict[str, Any]]:
    return {index: account(last_statements=list(last)) for index in ALL}


def test_statements_on_the_feed_as_signed_are_fine() -> None:
    assert told(checks.compare_statements(seen(), KEPT, set())) == [
        (Verdict.FINE, "2 on the feed as signed, and valid")
    ]


def test_statements_older_than_the_vaults_memory_are_counted() -> None:
    assert told(checks.compare_statements(seen(), KEPT[1:], set())) == [
        (
            Verdict.FINE,
            "1 on the feed as signed, and valid; 1 from before this vault kept them, as an enrolment is",
        )
    ]
    assert told(checks.compare_statements(seen(), [], set()))[0][0] is Verdict.FINE


def test_a_void_statement_is_named_with_its_reason() -> None:
    void = judged(1, valid=False, reason="port\x1bfolio")
    assert statements(all_say(judged(2), void)) == [
        "custodians 1, 2 and 3 found your withdrawal number 1 void: port folio"
    ]


@pytest.mark.parametrize("number", [2, 3], ids=["in place of one", "beyond them"])
def test_a_statement_that_this_vault_did_not_sign_is_an_alarm(number: int) -> None:
    (alarm,) = statements(all_say(judged(number, digest=OTHER), judged(1)))
    assert f"the withdrawal number {number} at position {20 + number} is not of this vault" in alarm
    assert "somebody else signs with your key" in alarm


def test_a_forgery_that_came_to_nothing_is_told() -> None:
    forged = judged(2, digest=OTHER, position=39, valid=False, reason="signature")
    (alarm,) = statements(all_say(forged, judged(2), judged(1)))
    assert "number 2 at position 39 is not of this vault and void (signature)" in alarm


def test_a_statement_that_the_hub_repeats_is_no_alarm() -> None:
    again = judged(2, position=39, valid=False, reason="sequence")
    assert (
        told(checks.compare_statements(seen(all_say(again, judged(2), judged(1))), KEPT, set()))[0][0]
        is Verdict.FINE
    )


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"valid": False, "reason": "proof"},
            "at position 21: custodians 1 and 2 withdrawal number 1, valid; custodian 3 withdrawal number 1",
        ),
        ({"digest": OTHER}, "the custodians differ on what you said at position 21"),
        ({"position": 25}, "stands at different positions: custodians 1 and 2 at 21; custodian 3 at 25"),
    ],
    ids=["verdict", "digest", "position"],
)
def test_custodians_that_judge_differently_are_named(change: dict[str, Any], text: str) -> None:
    other = account(last_statements=[judged(2), judged(1, **change)])
    assert any(text in alarm for alarm in statements({3: other}))


def test_a_custodian_that_is_behind_does_not_differ() -> None:
    behind = account(last_statements=[judged(1)], position=21)
    assert told(checks.compare_statements(seen({3: behind}), KEPT, set()))[0][0] is Verdict.FINE


def test_a_statement_that_the_hub_took_and_let_another_replace_is_an_alarm() -> None:
    (alarm,) = statements(kept=[*KEPT, Kept(said(2, "another contract"), NOW)])
    assert "took your statement 2 and then another in its place" in alarm


def test_one_that_is_still_under_way_was_not_taken() -> None:
    waiting = said(2, "another contract")
    kept = [*KEPT, Kept(waiting, NOW)]
    assert told(checks.compare_statements(seen(), kept, {waiting.digest()}))[0][0] is Verdict.FINE


# Live contracts


@pytest.mark.parametrize(
    ("in_vault", "verdict", "text"),
    [
        (7, Verdict.FINE, "7, as in this vault"),
        (8, Verdict.NOTE, "the custodians count 7, this vault 8: records expire 36500 days"),
        (6, Verdict.NOTE, "the custodians count 7, this vault 6: the vault was restored"),
    ],
)
def test_the_vaults_number_is_compared_and_a_difference_explained(
    in_vault: int, verdict: Verdict, text: str
) -> None:
    ((found, says),) = told(checks.compare_live(seen(), in_vault))
    assert found is verdict
    assert text in says


def test_custodians_that_count_differently_are_named() -> None:
    assert alarms(checks.compare_live(seen({2: account(live_records=5)}), 7)) == [
        "the custodians count differently at position 40: custodians 1 and 3 7, custodian 2 5"
    ]


def test_a_custodian_that_is_behind_counts_for_its_own_position() -> None:
    behind = account(live_records=5, position=21)
    assert told(checks.compare_live(seen({2: behind}), 7)) == [(Verdict.FINE, "7, as in this vault")]


def test_without_an_account_nothing_is_counted() -> None:
    assert told(checks.compare_live(with_heads(), 7))[0][0] is Verdict.NOTE


# Cuts


def vote(index: int, *, key: SigningKey | None = None, **changes: Any) -> SignedStatement:
    """Return a custodian's signature under the cut."""
    usual: dict[str, Any] = {
        "period": PERIOD,
        "position": 30,
        "head": HEAD,
        "state_digest": b64(secret("state")),
    }
    return sign_statement(
        key or witness(index),
        CutSignature(**usual | changes),
        alliance=KEY_SET.alliance,
        epoch=1,
        author=f"custodian/{index}",
        sequence=5,
        previous=secret("before"),
        signed_at=NOW,
    )


def shown(votes: list[SignedStatement], **changes: Any) -> dict[str, wire.SignedCut]:
    placed = [wire.CutVote(position=31 + number, statement=each) for number, each in enumerate(votes)]
    usual: dict[str, Any] = {"period": PERIOD, "position": 30, "head": HEAD, "signatures": placed}
    return {PERIOD: wire.SignedCut(**usual | changes)}


def moved(signed: SignedStatement, **changes: Any) -> SignedStatement:
    statement = msgspec.structs.replace(signed.statement, **changes)
    return msgspec.structs.replace(signed, statement=statement)


def test_a_cut_that_all_signed_alike_is_fine() -> None:
    assert told(checks.compare_cuts(seen(), shown([vote(1), vote(2), vote(3)]))) == [
        (Verdict.FINE, "2026-11: signed by all 3 custodians over one head and one state")
    ]


@pytest.mark.parametrize(
    ("of_two", "text"),
    [
        (lambda: [], "called effective without a signature of custodian 2"),
        (lambda: [vote(2, head=OTHER)], "FORK: different cuts of 2026-11 were signed, custodians 1 and 3 at"),
        (lambda: [vote(2, state_digest=OTHER)], "FORK: different cuts of 2026-11 were signed"),
        (lambda: [vote(2, position=29)], "custodian 2 at position 29"),
        (lambda: [vote(2), vote(2, head=OTHER)], "FORK: different cuts of 2026-11 were signed"),
        (lambda: [vote(2, period="2026-10")], "custodian 2 is no signature under this cut"),
        (lambda: [vote(2, key=witness(3))], "does not hold with custodian 2's witness key"),
        (lambda: [moved(vote(2), author="member/北辰")], "its author is no custodian"),
        (lambda: [moved(vote(2), author="custodian/3")], "does not hold with custodian 3's witness key"),
        (lambda: [moved(vote(2), alliance="另一个联盟")], "of another alliance or epoch"),
        (lambda: [moved(vote(2), epoch=2)], "of another alliance or epoch"),
    ],
    ids=[
        "missing",
        "another head",
        "another state",
        "another position",
        "twice",
        "another period",
        "forged",
        "no custodian",
        "in another name",
        "another alliance",
        "another epoch",
    ],
)
def test_a_cut_counts_only_with_all_signatures_over_the_same(
    of_two: Callable[[], list[SignedStatement]], text: str
) -> None:
    found = alarms(checks.compare_cuts(seen(), shown([vote(1), *of_two(), vote(3)])))
    assert any(text in alarm for alarm in found)


@pytest.mark.parametrize("change", [{"position": 31}, {"head": OTHER}], ids=["position", "head"])
def test_a_hub_that_shows_a_cut_otherwise_than_signed_is_named(change: dict[str, Any]) -> None:
    (alarm,) = alarms(checks.compare_cuts(seen(), shown([vote(1), vote(2), vote(3)], **change)))
    assert "the hub shows another position or head for the cut of 2026-11" in alarm


def test_a_custodian_that_works_with_a_cut_that_nobody_signed_is_named() -> None:
    cut = CUT | {"position": 33}
    everybody = shown([vote(1), vote(2), vote(3)])
    assert alarms(checks.compare_cuts(seen({3: account(cut=cut, cuts=[cut])}), everybody)) == [
        "custodian 3 works with a cut of 2026-11 at position 33, which nobody signed"
    ]


@pytest.mark.parametrize(
    ("error", "verdict"),
    [(Unavailable("away"), Verdict.NOTE), (Untrusted("nonsense"), Verdict.ALARM)],
    ids=["away", "nonsense"],
)
def test_a_hub_that_shows_no_cut(error: Unavailable | Untrusted, verdict: Verdict) -> None:
    ((found, text),) = told(checks.compare_cuts(seen(), {PERIOD: error}))
    assert found is verdict
    assert "the hub shows no signatures under the cut of 2026-11" in text


@pytest.mark.parametrize("period", ["../x?y", "2026-13", "2026-W47", ""])
def test_a_name_that_is_no_period_of_this_alliance_is_left_out(period: str) -> None:
    cut = CUT | {"period": period}
    assert set(checks.effective_cuts(seen({1: account(cut=cut, cuts=[cut])}))) == {PERIOD}


def test_without_an_effective_cut_nothing_is_compared() -> None:
    waiting = CUT | {"effective": False}
    nobody = seen({index: account(cut=waiting, cuts=[waiting]) for index in ALL})
    assert checks.effective_cuts(nobody) == {}
    assert told(checks.compare_cuts(nobody, {})) == [(Verdict.NOTE, "none is effective yet: no total opens")]
