"""A contract is settled or withdrawn by one statement, however often the command is run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from member import Declined, Member, Refused, RetryLater, Unavailable, Untrusted, settle, submit, withdraw
from member.vault import contracts, drafts, outbox, statements
from privacy.encoding import b64
from privacy.logged import LogReceipt
from privacy.statements import Settlement, SignedStatement, Withdrawal
from tests.member.conftest import Alliance
from tests.member.people import loan, write
from tests.member.server import Problem, Received

AS_OF = date(2026, 10, 31)


@pytest.fixture
def submitted(alliance: Alliance, south: Member, tmp_path: Path) -> Member:
    submit(south, write(tmp_path / "loans.csv", loan(1), loan(2)), as_of=AS_OF)
    return south


def ref(member: Member, contract: str) -> bytes:
    return contracts.ref(member.vault, contract)


def test_a_contract_is_settled(alliance: Alliance, submitted: Member) -> None:
    assert settle(submitted, "NA-000001")

    body = alliance.hub.said[-1].statement.body
    own = b64(ref(submitted, "NA-000001"))
    assert body == Settlement(contract_ref=own)
    assert drafts.find(submitted.vault, f"settled/{own}") is None
    assert contracts.count_live(submitted.vault) == 1


def test_a_contract_is_withdrawn(alliance: Alliance, submitted: Member) -> None:
    assert withdraw(submitted, "NA-000002")

    assert isinstance(alliance.hub.said[-1].statement.body, Withdrawal)


def test_a_contract_number_is_taken_in_any_spelling(alliance: Alliance, submitted: Member) -> None:
    settle(submitted, " ＮＡ-000001 ")

    assert contracts.count_live(submitted.vault) == 1


def test_settled_is_said_once(alliance: Alliance, submitted: Member) -> None:
    settle(submitted, "NA-000001")
    said = len(alliance.hub.said)

    assert not settle(submitted, "NA-000001")
    assert len(alliance.hub.said) == said


def test_what_is_settled_is_not_withdrawn(submitted: Member) -> None:
    settle(submitted, "NA-000001")

    with pytest.raises(Refused, match="settled already"):
        withdraw(submitted, "NA-000001")


def test_the_hub_refuses_what_it_does_not_know(alliance: Alliance, submitted: Member) -> None:
    alliance.hub.refuses = {b64(ref(submitted, "NA-9")): "unknown-contract"}

    with pytest.raises(Declined, match="no such contract") as caught:
        settle(submitted, "NA-9")

    assert caught.value.rule == "unknown-contract"
    assert drafts.find(submitted.vault, f"settled/{b64(ref(submitted, 'NA-9'))}") is None
    assert kept(submitted) == alliance.hub.said


@pytest.mark.parametrize("number", ["", "   ", "x" * 129])
def test_a_number_that_is_none_is_refused(submitted: Member, number: str) -> None:
    with pytest.raises(Refused):
        settle(submitted, number)


def test_an_answer_that_was_lost_is_fetched_with_the_same_statement(
    alliance: Alliance, submitted: Member
) -> None:
    honest = alliance.hub.routes[("POST", "/v1/statements")]

    def taken_and_lost(received: object) -> object:
        honest(received)  # type: ignore[arg-type]
        raise Problem(503, "unavailable")

    alliance.hub.routes[("POST", "/v1/statements")] = taken_and_lost
    with pytest.raises(Unavailable):
        settle(submitted, "NA-000001")
    alliance.hub.routes[("POST", "/v1/statements")] = honest

    assert settle(submitted, "NA-000001")

    first, second = (each.body for each in alliance.hub.received if each.path == "/v1/statements")
    assert first == second
    settlements = [each for each in alliance.hub.said if isinstance(each.statement.body, Settlement)]
    assert len(settlements) == 1


def test_a_kept_statement_that_was_overtaken_is_signed_again(alliance: Alliance, submitted: Member) -> None:
    honest = alliance.hub.routes[("POST", "/v1/statements")]
    alliance.hub.routes[("POST", "/v1/statements")] = away
    with pytest.raises(Unavailable):
        settle(submitted, "NA-000001")
    alliance.hub.routes[("POST", "/v1/statements")] = honest
    withdraw(submitted, "NA-000002")

    assert settle(submitted, "NA-000001")
    assert alliance.hub.said[-1].statement.sequence == 3
    assert kept(submitted) == alliance.hub.said


def test_who_is_always_overtaken_comes_back_later(alliance: Alliance, submitted: Member) -> None:
    def overtaken(received: object) -> object:
        raise Problem(409, "sequence", next_sequence=9, previous=b64(bytes(32)))

    alliance.hub.routes[("POST", "/v1/statements")] = overtaken

    with pytest.raises(RetryLater, match="keep coming between"):
        settle(submitted, "NA-000001")


def test_a_submission_on_its_way_goes_first(alliance: Alliance, submitted: Member, tmp_path: Path) -> None:
    alliance.hub.routes[("POST", "/v1/submissions")] = away
    with pytest.raises(Unavailable):
        submit(submitted, write(tmp_path / "more.csv", loan(3)), as_of=AS_OF)
    alliance.hub.routes[("POST", "/v1/submissions")] = alliance.hub.submit

    settle(submitted, "NA-000001")

    assert outbox.header(submitted.vault) is None
    kinds = [type(each.statement.body).__name__ for each in alliance.hub.said]
    assert kinds == ["Chunk", "Chunk", "Settlement"]


def test_a_receipt_that_does_not_hold_is_not_believed(alliance: Alliance, submitted: Member) -> None:
    honest = alliance.hub.state_

    def falsified(received: Received) -> object:
        false = LogReceipt(entry={"kind": "another"}, salt=b64(bytes(32)), leaf=b64(bytes(32)))
        return honest(received) | {"receipt": false}

    alliance.hub.routes[("POST", "/v1/statements")] = falsified

    with pytest.raises(Untrusted, match="does not give its leaf"):
        settle(submitted, "NA-000001")

    assert contracts.count_live(submitted.vault) == 2


def test_receipts_are_kept(alliance: Alliance, submitted: Member) -> None:
    settle(submitted, "NA-000001")

    assert submitted.vault.db.execute("SELECT count(*) FROM receipts").fetchone() == (1,)


@pytest.mark.parametrize(
    "account",
    [
        {"next_sequence": None},
        {"previous": None},
        {"previous": "!"},
        {"next_sequence": 0},
        {"member": "北辰"},
    ],
    ids=lambda change: "-".join(change),
)
def test_a_hub_that_does_not_say_what_comes_next_is_not_trusted(
    alliance: Alliance, submitted: Member, account: dict[str, object]
) -> None:
    honest = alliance.hub.account
    alliance.hub.routes[("GET", "/v1/account")] = lambda received: honest(received) | account

    with pytest.raises(Untrusted):
        settle(submitted, "NA-000001")


def away(received: object) -> object:
    raise Problem(503, "unavailable", "the hub's database is away")


def kept(member: Member) -> list[SignedStatement]:
    """Return the statements that the vault expects to find in the feed."""
    return [each.signed for each in statements.list_statements(member.vault, member.epoch)]
