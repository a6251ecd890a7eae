"""A portfolio goes out whole, once, and in order; what is not taken comes back with its reason."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from member import Member, NotYet, Refused, Unavailable, submit
from member.files import FileError, rejected_path
from member.vault import Ending, contracts, outbox, statements
from privacy.encoding import b64
from tests.member.conftest import Alliance, Heard
from tests.member.custodian import Manner
from tests.member.people import identifier, loan, rejected, write
from tests.member.server import Problem, Received

AS_OF = date(2026, 10, 31)
LATER = date(2026, 11, 30)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "loans.csv", *(loan(number) for number in range(5)))


def ref(member: Member, number: int) -> str:
    return b64(contracts.ref(member.vault, f"NA-{number:06d}"))


def test_every_good_row_reaches_the_feed(alliance: Alliance, south: Member, file: Path) -> None:
    result = submit(south, file, as_of=AS_OF)

    assert (result.rows, result.accepted, result.unchanged, result.rejected) == (5, 5, 0, 0)
    assert (result.exit_code, result.rejects) == (0, None)
    assert set(alliance.hub.records) == {ref(south, number) for number in range(5)}
    assert {each.as_of for each in alliance.hub.records.values()} == {"2026-10-31"}
    assert contracts.count_live(south.vault) == 5
    assert outbox.header(south.vault) is None


def test_what_was_signed_is_kept(alliance: Alliance, south: Member, file: Path) -> None:
    submit(south, file, as_of=AS_OF)

    kept = [each.signed for each in statements.list_statements(south.vault, south.epoch)]
    assert kept == alliance.hub.said


def test_what_was_signed_is_kept_when_the_hub_never_answers(
    alliance: Alliance, south: Member, file: Path
) -> None:
    alliance.hub.routes[("POST", "/v1/submissions")] = fails
    with pytest.raises(Unavailable):
        submit(south, file, as_of=AS_OF)

    (kept,) = statements.list_statements(south.vault, south.epoch)
    assert (kept.type, kept.sequence) == ("chunk", 1)


def test_rejected_rows_come_back_and_stop_nothing(alliance: Alliance, south: Member, tmp_path: Path) -> None:
    wrong = loan(2)["id"][:-1] + "A"
    file = write(tmp_path / "loans.csv", loan(1), loan(2, id=wrong), loan(3, outstanding="-1"), loan(4))

    result = submit(south, file, as_of=AS_OF)

    assert (result.accepted, result.rejected, result.exit_code) == (2, 2, 2)
    assert result.rejects == rejected_path(file)
    assert [(row[0], row[1]) for row in rejected(rejected_path(file))] == [
        ("3", "identifier"),
        ("4", "outstanding"),
    ]


def test_the_same_file_again_sends_nothing(alliance: Alliance, south: Member, file: Path) -> None:
    submit(south, file, as_of=AS_OF)
    asked = sum(custodian.elements for custodian in alliance.custodians.values())

    result = submit(south, file, as_of=AS_OF)

    assert (result.accepted, result.unchanged, result.exit_code) == (0, 5, 0)
    assert len(alliance.hub.bodies) == 1
    assert sum(custodian.elements for custodian in alliance.custodians.values()) == asked


def test_a_later_day_replaces(alliance: Alliance, south: Member, file: Path) -> None:
    submit(south, file, as_of=AS_OF)

    result = submit(south, file, as_of=LATER)

    assert result.accepted == 5
    assert {each.as_of for each in alliance.hub.records.values()} == {"2026-11-30"}


@pytest.mark.parametrize(
    ("as_of", "change", "reason"),
    [
        (AS_OF, {"outstanding": "999.00"}, "correct them with a later --as-of"),
        (date(2026, 9, 30), {}, "newer figures were submitted already, as of 2026-10-31"),
    ],
)
def test_what_does_not_go_with_the_past_is_rejected_here(
    south: Member, file: Path, tmp_path: Path, as_of: date, change: dict[str, str], reason: str
) -> None:
    submit(south, file, as_of=AS_OF)
    changed = write(tmp_path / "changed.csv", loan(1, **change))

    result = submit(south, changed, as_of=as_of)

    assert (result.accepted, result.rejected, result.exit_code) == (0, 1, 2)
    assert reason in rejected(rejected_path(changed))[0][2]


def test_an_ended_contract_does_not_come_back(south: Member, file: Path) -> None:
    submit(south, file, as_of=AS_OF)
    contracts.end(south.vault, contracts.ref(south.vault, "NA-000001"), Ending.WITHDRAWN)

    result = submit(south, file, as_of=LATER)

    assert (result.accepted, result.rejected) == (4, 1)
    assert "withdrawn: it cannot come back" in rejected(rejected_path(file))[0][2]


def test_a_row_that_the_hub_refuses_is_dropped_and_the_rest_signed_again(
    alliance: Alliance, south: Member, file: Path
) -> None:
    alliance.hub.refuses = {ref(south, 1): "other_content", ref(south, 3): "something new"}

    result = submit(south, file, as_of=AS_OF)

    assert (result.accepted, result.rejected, result.exit_code) == (3, 2, 2)
    assert set(alliance.hub.records) == {ref(south, number) for number in (0, 2, 4)}
    reasons = {row[0]: row[2] for row in rejected(rejected_path(file))}
    assert reasons == {
        "3": "other figures were submitted for this day: correct them with a later --as-of",
        "5": "refused by the hub: something new",
    }
    assert not contracts.is_live(south.vault, contracts.ref(south.vault, "NA-000001"), b"")
    # The chunk that was refused in so many words need not be looked for in the feed.
    kept = [each.signed for each in statements.list_statements(south.vault, south.epoch)]
    assert kept == alliance.hub.said


def test_every_page_of_refused_rows_is_read(alliance: Alliance, south: Member, file: Path) -> None:
    alliance.hub.refuses = {ref(south, number): "ahead" for number in range(5)}

    result = submit(south, file, as_of=AS_OF)

    assert (result.accepted, result.rejected) == (0, 5)
    assert len(alliance.hub.bodies) == 1


def test_chunks_follow_each_other(
    alliance: Alliance, south: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("member.delivery.MAX_CHUNK", 2)
    file = write(tmp_path / "loans.csv", *(loan(number) for number in range(7)))
    alliance.hub.refuses = {ref(south, 2): "ahead"}

    result = submit(south, file, as_of=AS_OF)

    assert (result.accepted, result.rejected) == (6, 1)
    # The first chunk stood; what was left of the others was signed again behind it.
    first, second = alliance.hub.submissions.values()
    assert [chunk["state"] for chunk in first.chunks] == ["appended", "refused", "refused", "refused"]
    assert [chunk["reason"] for chunk in first.chunks[1:]] == ["rows", "sequence", "sequence"]
    assert [chunk["state"] for chunk in second.chunks] == ["appended", "appended"]
    assert [signed.statement.sequence for signed in alliance.hub.said] == [1, 2, 3]


def test_windows_are_sent_one_after_the_other(
    alliance: Alliance, south: Member, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("member.submission.WINDOW", 2)

    result = submit(south, file, as_of=AS_OF)

    assert (result.rows, result.accepted) == (5, 5)
    assert len(alliance.hub.bodies) == 3


def test_what_the_hub_knows_and_the_vault_does_not_is_unchanged(
    alliance: Alliance, south: Member, file: Path
) -> None:
    """As after the restore of an old backup."""
    submit(south, file, as_of=AS_OF)
    with south.vault.db:
        south.vault.db.execute("DELETE FROM contracts")

    result = submit(south, file, as_of=AS_OF)

    assert (result.accepted, result.unchanged, result.exit_code) == (0, 5, 0)
    assert contracts.count_live(south.vault) == 5


def test_an_outbox_that_was_left_behind_is_sent_as_it_is(
    alliance: Alliance, south: Member, heard: Heard, file: Path
) -> None:
    alliance.hub.routes[("POST", "/v1/submissions")] = fails
    with pytest.raises(Unavailable):
        submit(south, file, as_of=AS_OF)
    (lost,) = alliance.hub.bodies
    alliance.hub.routes[("POST", "/v1/submissions")] = alliance.hub.submit

    result = submit(south, file, as_of=AS_OF)

    assert alliance.hub.bodies == [lost, lost]
    assert (result.resumed, result.unchanged, result.accepted) == (5, 5, 0)
    assert "interrupted submission was finished: 5" in heard.told[0]


def test_an_outbox_that_was_taken_but_not_heard_of_is_not_taken_twice(
    alliance: Alliance, south: Member, file: Path
) -> None:
    alliance.hub.routes[("GET", "/v1/submissions/([^/]+)")] = fails
    with pytest.raises(Unavailable):
        submit(south, file, as_of=AS_OF)
    assert len(alliance.hub.said) == 1
    alliance.hub.routes[("GET", "/v1/submissions/([^/]+)")] = alliance.hub.show_submission

    result = submit(south, file, as_of=AS_OF)

    assert (result.resumed, result.unchanged) == (5, 5)
    assert (len(alliance.hub.said), len(alliance.hub.submissions)) == (1, 1)


def test_an_outbox_that_was_overtaken_is_signed_anew(alliance: Alliance, south: Member, file: Path) -> None:
    alliance.hub.routes[("POST", "/v1/submissions")] = fails
    with pytest.raises(Unavailable):
        submit(south, file, as_of=AS_OF)
    alliance.hub.routes[("POST", "/v1/submissions")] = alliance.hub.submit
    alliance.hub.sequence, alliance.hub.previous = 5, b64(bytes(range(32)))

    result = submit(south, file, as_of=AS_OF)

    assert (result.resumed, result.accepted) == (0, 5)
    assert alliance.hub.said[-1].statement.sequence == 5


def test_an_outbox_that_the_hub_will_never_take_is_given_up(
    alliance: Alliance, south: Member, heard: Heard, file: Path
) -> None:
    alliance.hub.routes[("POST", "/v1/submissions")] = fails
    with pytest.raises(Unavailable):
        submit(south, file, as_of=AS_OF)
    answers = iter([refuses])
    alliance.hub.routes[("POST", "/v1/submissions")] = lambda received: next(answers, alliance.hub.submit)(
        received
    )

    result = submit(south, file, as_of=AS_OF)

    assert result.accepted == 5
    assert "signed anew" in heard.warned[0]


def test_a_submission_that_is_still_being_taken_in_is_waited_for(
    alliance: Alliance, south: Member, file: Path
) -> None:
    honest = alliance.hub.submit
    busy = iter(range(3))

    def taking_in(received: Received) -> object:
        if next(busy, None) is not None:
            raise Problem(409, "reference", "this reference is being received: ask for it again")
        return honest(received)

    alliance.hub.routes[("POST", "/v1/submissions")] = taking_in

    assert submit(south, file, as_of=AS_OF).accepted == 5
    assert len(set(alliance.hub.bodies)) == 1


def test_the_statement_that_came_between_is_stepped_over(
    alliance: Alliance, south: Member, file: Path
) -> None:
    """Another machine of the same member appended something after the account was read."""
    honest = alliance.hub.submit
    turns: list[int] = []

    def overtaken(received: object) -> object:
        if not turns:
            turns.append(1)
            alliance.hub.sequence, alliance.hub.previous = 9, b64(bytes(range(32)))
        return honest(received)  # type: ignore[arg-type]

    alliance.hub.routes[("POST", "/v1/submissions")] = overtaken

    result = submit(south, file, as_of=AS_OF)

    assert result.accepted == 5
    assert alliance.hub.said[-1].statement.sequence == 9


def test_a_portfolio_beyond_what_was_declared_is_refused(
    alliance: Alliance, south: Member, file: Path
) -> None:
    alliance.hub.refuses_chunks = "portfolio"

    with pytest.raises(Refused, match="declared portfolio") as caught:
        submit(south, file, as_of=AS_OF)

    assert (caught.value.rule, caught.value.exit_code) == ("portfolio", 4)
    assert outbox.header(south.vault) is None


@pytest.mark.parametrize(
    ("state", "kind"), [("applied", NotYet), ("admitted", NotYet), ("suspended", Refused)]
)
def test_only_an_active_member_submits(
    alliance: Alliance, south: Member, file: Path, state: str, kind: type[Exception]
) -> None:
    alliance.hub.state = state

    with pytest.raises(kind):
        submit(south, file, as_of=AS_OF)

    assert alliance.hub.bodies == []


def test_an_interrupted_tokenising_goes_on_where_it_stopped(
    alliance: Alliance, south: Member, file: Path, tmp_path: Path
) -> None:
    submit(south, write(tmp_path / "first.csv", loan(0), loan(1)), as_of=AS_OF)
    for index in (1, 2):
        alliance.custodians[index].manner = Manner.OUT_OF_QUOTA
    with pytest.raises(Exception, match="today's quota"):
        submit(south, file, as_of=AS_OF)
    for index in (1, 2):
        alliance.custodians[index].manner = Manner.HONEST

    result = submit(south, file, as_of=AS_OF)

    assert (result.accepted, result.unchanged) == (3, 2)
    asked = {number: custodian.elements for number, custodian in alliance.custodians.items()}
    # Two custodians for each of five debtors; the one that answered in vain was not charged again.
    assert sum(asked.values()) in (10, 13)
    assert all(count <= 5 for count in asked.values())


def test_real_people_are_not_taken_in_an_alliance_for_made_up_data(south: Member, tmp_path: Path) -> None:
    file = write(tmp_path / "loans.csv", loan(1), loan(2, id="11010519491231002X"))

    result = submit(south, file, as_of=AS_OF)

    assert (result.accepted, result.rejected) == (1, 1)
    assert "made-up data only" in rejected(rejected_path(file))[0][2]


def test_a_file_without_its_columns_is_refused_before_anything_is_sent(
    alliance: Alliance, south: Member, tmp_path: Path
) -> None:
    file = tmp_path / "loans.csv"
    file.write_text(f"身份证号\n{identifier(1).value}\n", encoding="utf-8")

    with pytest.raises(FileError, match="no column for"):
        submit(south, file, as_of=AS_OF)

    assert all(not custodian.received for custodian in alliance.custodians.values())


def fails(received: object) -> object:
    raise Problem(503, "unavailable", "the hub's database is away")


def refuses(received: object) -> object:
    raise Problem(409, "key-set", "made under another key set")
