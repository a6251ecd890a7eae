"""A contributor opens one record to an auditor: as it was sealed, from the file of that day, shown first."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from member import Member, MemberError, Refused, submit
from member.auditing import prepare_opening, ref_of, sign_opening
from member.files import FileError
from member.renewal import Successor, renew
from member.vault import contracts
from privacy.contributions import SignedContributionOpening, verify_contribution
from privacy.encoding import b64
from privacy.messages import parse_json
from tests.member.conftest import Alliance, Run
from tests.member.hub import Hub
from tests.member.people import loan, person, write
from tests.member.test_renewal import next_hub, successor  # noqa: F401

AS_OF = date(2026, 10, 31)
FLAGGED = {"flag_category": "逃匿失联", "flag_narrative": "电话停机"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = [
        loan(1, outstanding="1200.50", overdue="400.00", overdue_on="2026-09-01"),
        loan(2, outstanding="-5"),
        loan(3, outstanding="77"),
    ]
    return write(tmp_path / "loans.csv", *rows)


@pytest.fixture
def submitted(south: Member, file: Path) -> Member:
    submit(south, file, as_of=AS_OF)
    return south


def ref(member: Member, number: int) -> bytes:
    return contracts.ref(member.vault, f"NA-{number:06d}")


def test_what_was_sealed_is_opened_and_holds_against_the_record_on_the_feed(
    alliance: Alliance, submitted: Member, file: Path
) -> None:
    shown = prepare_opening(submitted, file, ref=ref(submitted, 1))
    signed = sign_opening(submitted, shown)

    assert signed.opening.record == alliance.hub.records[b64(ref(submitted, 1))]
    verify_contribution(signed, submitted.keys.signing.public, alliance.key_set)
    assert (shown.contract, shown.as_of) == ("NA-000001", AS_OF)
    amounts = {name: value for name, value in shown.exposure.as_dict().items() if value}
    assert amounts == {"contracts": 1, "outstanding": 120_050, "overdue": 40_000, "d31_60": 1}
    assert int(signed.opening.plaintext) == sum(
        value << 48 * place for place, value in enumerate(shown.exposure.as_dict().values())
    )


def test_nothing_is_asked_of_anybody(alliance: Alliance, submitted: Member, file: Path) -> None:
    asked = [len(each.received) for each in (alliance.hub, *alliance.custodians.values())]

    prepare_opening(submitted, file, ref=ref(submitted, 1))

    assert [len(each.received) for each in (alliance.hub, *alliance.custodians.values())] == asked


def test_neither_amount_nor_debtor_stands_where_it_could_be_logged(submitted: Member, file: Path) -> None:
    shown = repr(prepare_opening(submitted, file, ref=ref(submitted, 1)))

    assert "120050" not in shown
    assert "NA-000001" not in shown
    assert person(1) not in shown


def test_older_figures_are_opened_from_the_file_of_their_day(
    alliance: Alliance, submitted: Member, file: Path, tmp_path: Path
) -> None:
    old = alliance.hub.records[b64(ref(submitted, 1))]
    november = write(tmp_path / "november.csv", loan(1, outstanding="900"))
    submit(submitted, november, as_of=date(2026, 11, 30))

    shown = prepare_opening(submitted, file, ref=ref(submitted, 1), as_of=AS_OF)

    assert shown.opening.record == old
    newest = prepare_opening(submitted, november, ref=ref(submitted, 1))
    assert newest.opening.record == alliance.hub.records[b64(ref(submitted, 1))]
    assert (newest.as_of, newest.exposure.outstanding) == (date(2026, 11, 30), 90_000)


def test_a_record_with_a_flag_needs_the_digest_that_the_auditor_has(
    alliance: Alliance, south: Member, tmp_path: Path
) -> None:
    flagged = write(tmp_path / "flagged.csv", loan(1, **FLAGGED))
    submit(south, flagged, as_of=AS_OF)
    record = alliance.hub.records[b64(ref(south, 1))]
    assert alliance.hub.private[b64(ref(south, 1))].private.flag is not None

    with pytest.raises(Refused, match="ask the auditor for the private_digest"):
        prepare_opening(south, flagged, ref=ref(south, 1))
    with pytest.raises(Refused, match="43 letters"):
        prepare_opening(south, flagged, ref=ref(south, 1), private_digest="short")

    shown = prepare_opening(south, flagged, ref=ref(south, 1), private_digest=record.private_digest)
    assert shown.opening.record == record


def test_a_record_of_an_epoch_that_has_ended_is_opened_with_its_keys(
    alliance: Alliance,
    submitted: Member,
    file: Path,
    next_hub: Hub,  # noqa: F811
) -> None:
    record = alliance.hub.records[b64(ref(submitted, 1))]
    renew(submitted, Successor(successor(), next_hub.url))

    shown = prepare_opening(submitted, file, ref=ref(submitted, 1), as_of=AS_OF, epoch=1)
    signed = sign_opening(submitted, shown)

    assert (submitted.epoch, shown.opening.record) == (2, record)
    verify_contribution(signed, submitted.keys.signing.public, alliance.key_set)
    submitted.vault.db.execute("DELETE FROM tokens")
    with pytest.raises(Refused, match="no pseudonym of the debtor in epoch 1"):
        prepare_opening(submitted, file, ref=ref(submitted, 1), as_of=AS_OF, epoch=1)


@pytest.mark.parametrize("number", [2, 9], ids=["rejected", "absent"])
def test_a_row_that_could_not_be_submitted_is_refused(submitted: Member, file: Path, number: int) -> None:
    with pytest.raises(Refused, match="no row of that contract"):
        prepare_opening(submitted, file, ref=ref(submitted, number), as_of=AS_OF)


def test_a_row_that_is_not_what_was_submitted_is_refused(submitted: Member, tmp_path: Path) -> None:
    changed = write(tmp_path / "changed.csv", loan(1, outstanding="1"))

    with pytest.raises(Refused, match="another content than was submitted for 2026-10-31") as caught:
        prepare_opening(submitted, changed, ref=ref(submitted, 1))

    assert caught.value.rule == "contract"


def test_without_a_day_that_the_vault_knows_one_must_be_said(submitted: Member, file: Path) -> None:
    with pytest.raises(Refused, match="say with --as-of"):
        prepare_opening(submitted, file, ref=ref(submitted, 2))


@pytest.mark.parametrize("epoch", [0, 2])
def test_an_epoch_that_the_vault_does_not_know_is_refused(submitted: Member, file: Path, epoch: int) -> None:
    with pytest.raises(Refused, match=f"no key set of epoch {epoch}"):
        prepare_opening(submitted, file, ref=ref(submitted, 1), as_of=AS_OF, epoch=epoch)


def test_a_file_that_is_none_is_refused(submitted: Member, tmp_path: Path) -> None:
    with pytest.raises(FileError):
        prepare_opening(submitted, tmp_path / "nowhere.csv", ref=ref(submitted, 1))


def test_what_does_not_hold_is_not_handed_out(submitted: Member, file: Path) -> None:
    shown = prepare_opening(submitted, file, ref=ref(submitted, 1))
    other = prepare_opening(submitted, file, ref=ref(submitted, 3))
    opening = msgspec.structs.replace(shown.opening, record=other.opening.record)
    mixed = type(shown)(shown.contract, shown.as_of, shown.exposure, opening)

    with pytest.raises(MemberError, match="does not hold") as caught:
        sign_opening(submitted, mixed)

    assert caught.value.exit_code == 1


# Naming the contract


def test_a_contract_is_named_by_number_or_by_reference(south: Member) -> None:
    own = ref(south, 1)

    assert ref_of(south, contract=" ＮＡ-000001 ", ref=None) == own
    assert ref_of(south, contract=None, ref=b64(own)) == own


@pytest.mark.parametrize(
    ("contract", "named", "reason"),
    [
        (None, None, "either --contract with its number, or --ref"),
        ("NA-000001", "x", "either --contract with its number, or --ref"),
        ("", None, "contract"),
        (None, "short", "43 letters"),
        (None, "!" * 43, "43 letters"),
    ],
)
def test_a_contract_named_otherwise_is_refused(
    south: Member, contract: str | None, named: str | None, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        ref_of(south, contract=contract, ref=named)


# The command


def test_the_command_shows_what_it_tells_and_asks_before_it_signs(
    alliance: Alliance,
    submitted: Member,
    file: Path,
    run: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    public, out = submitted.keys.signing.public, tmp_path / "opening.json"
    arguments: list[Any] = ["open-contribution", "--portfolio", file, "--out", out]

    assert run(*arguments, "--contract", "NA-000001") == 64
    said = capsys.readouterr()
    assert "--yes" in said.err
    assert "1,200.50 yuan" in said.out
    assert "Contract NA-000001 as of 2026-10-31" in said.out
    assert not out.exists()

    assert run(*arguments, "--contract", "NA-000001", "--yes") == 0
    signed = parse_json(SignedContributionOpening, out.read_bytes())
    verify_contribution(signed, public, alliance.key_set)
    text = out.read_text(encoding="utf-8")
    assert person(1) not in text
    assert "NA-000001" not in text

    reference = json.loads(text)["opening"]["record"]["contract_ref"]
    assert run(*arguments, "--ref", reference, "--as-of", "2026-10-31", "--epoch", 1, "--yes") == 0
    assert run(*arguments, "--yes") == 4
    assert run("open-contribution", "--portfolio", file, "--out", "x.txt", "--contract", "NA-000001") == 4
