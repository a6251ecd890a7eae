"""A member asks about its own debtors: what others hold comes back row by row, and is paid for once."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from member import Matched, Member, NotYet, Refused, RetryLater, Unavailable, Untrusted, match, submit
from member.accusing import fault_of, list_accusations
from member.answers import NOT_LIVE
from member.files import FileError, rejected_path
from member.flags import seal_flag
from privacy.accusations import FalsePartial, UnsoundTotal
from privacy.answers import SharedFlag, SignedMatchAnswer, sign_answer
from privacy.encoding import b64, encode_integer, unb64
from privacy.exposure import SLOT_NAMES, Exposure
from privacy.matching import Opening, Reason, Status, Verdict
from privacy.vocabulary import Category, Purpose
from tests.member.conftest import SOUTH, Alliance, Heard
from tests.member.people import identifier, loan, rejected, write
from tests.member.server import Problem

AS_OF = date(2026, 10, 31)
ONE = Exposure(1, 100_000, 0, 0, 0, 0, 0, 0, 0, 0)
LATE = Exposure(1, 250_000, 50_000, 0, 0, 1, 0, 0, 1, 0)


@pytest.fixture
def file(alliance: Alliance, south: Member, tmp_path: Path) -> Path:
    """Four contracts of three debtors, submitted; others hold the first debtor twice and the second once."""
    path = write(
        tmp_path / "loans.csv", loan(1), loan(2), loan(3), loan(1, contract="NA-000009", outstanding="5.00")
    )
    assert submit(south, path, as_of=AS_OF).accepted == 4
    alliance.hub.matches.others = {pseudonym(alliance, 1): [ONE, LATE], pseudonym(alliance, 2): [ONE]}
    return path


def pseudonym(alliance: Alliance, number: int) -> str:
    return b64(alliance.output_of(identifier(number).oprf_input)[:32])


def ask(member: Member, file: Path, **options: Any) -> Matched:
    usual: dict[str, Any] = {"purpose": Purpose.POST_LOAN_MANAGEMENT}
    return match(member, file, file.with_name("answers.jsonl"), **(usual | options))


def lines(file: Path) -> list[dict[str, Any]]:
    answers = file.with_name("answers.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in answers]


def test_every_row_gets_its_answer(alliance: Alliance, south: Member, file: Path) -> None:
    result = ask(south, file)

    assert (result.rows, result.subjects, result.exit_code) == (4, 3, 0)
    assert result.statuses == {"open": 1, "withheld": 1, "none": 1}
    assert result.reasons == {"too_few_contributors": 1}
    assert result.periods == ("2026-11",)
    first, second, third, fourth = lines(file)
    assert [each["contract"] for each in (first, second, third, fourth)] == [
        "NA-000001",
        "NA-000002",
        "NA-000003",
        "NA-000009",
    ]
    assert first["subject"] == fourth["subject"] == identifier(1).value
    assert first["exposure"] == fourth["exposure"]
    assert first["exposure"] == {
        "status": "open",
        "reason": None,
        "period": "2026-11",
        "cut_at": "2026-11-01T00:00:00Z",
        "contracts": 2,
        "outstanding": 350_000,
        "overdue": 50_000,
        "d1_30": 0,
        "d31_60": 0,
        "d61_90": 1,
        "d91_180": 0,
        "d181_plus": 0,
        "in_court": 1,
        "judged": 0,
    }
    assert (second["exposure"]["status"], second["exposure"]["reason"]) == (
        "withheld",
        "too_few_contributors",
    )
    assert third["exposure"]["status"] == "none"
    assert not set(SLOT_NAMES) & (set(second["exposure"]) | set(third["exposure"]))
    assert first["reachable"] == {"status": "yes", "freshness": "d30", "kinds": []}
    assert (first["flags"], first["mode"]) == ([], "synthetic")


def test_each_debtor_is_asked_about_once(alliance: Alliance, south: Member, file: Path) -> None:
    ask(south, file, case="2026-117")

    (request,) = alliance.hub.matches.requests
    wanted = {b64(alliance.output_of(identifier(number).oprf_input)[:32]) for number in (1, 2, 3)}
    assert len(request.manifest.subjects) == 3
    assert set(request.manifest.subjects) == wanted
    assert (request.manifest.case, request.manifest.purpose) == ("2026-117", "post_loan_management")
    assert (request.manifest.agreement, request.manifest.period) == ("数据共享协议", "2026-11")


def test_asking_again_later_is_a_question_of_its_own(alliance: Alliance, south: Member, file: Path) -> None:
    ask(south, file)
    ask(south, file)

    first, second = alliance.hub.matches.requests
    assert first.manifest.request_id != second.manifest.request_id


def test_rows_without_a_live_contract_are_not_asked_about(
    alliance: Alliance, south: Member, file: Path, tmp_path: Path
) -> None:
    asked = sum(custodian.elements for custodian in alliance.custodians.values())
    mixed = write(tmp_path / "mixed.csv", loan(1), loan(7), loan(2, contract="NA-8"), loan(3, id="1234"))

    result = ask(south, mixed)

    assert (result.rows, result.rejected, result.exit_code) == (1, 3, 2)
    assert [(row[0], row[2]) for row in rejected(rejected_path(tmp_path / "answers.jsonl"))][:2] == [
        ("3", NOT_LIVE),
        ("4", NOT_LIVE),
    ]
    assert not rejected_path(mixed).exists()
    assert sum(custodian.elements for custodian in alliance.custodians.values()) == asked


def test_who_insists_asks_about_everybody(
    alliance: Alliance, south: Member, file: Path, tmp_path: Path
) -> None:
    def no_standing(said: Opening) -> Opening:
        return msgspec.structs.replace(
            said, verdicts=(Verdict(status=Status.WITHHELD, reason=Reason.NO_STANDING),)
        )

    alliance.hub.matches.falsify = {1: no_standing, 2: no_standing}
    strangers = write(tmp_path / "strangers.csv", loan(7))

    result = ask(south, strangers, unsubmitted=True)

    assert (result.subjects, result.rejected) == (1, 0)
    assert lines(strangers)[0]["exposure"]["reason"] == "no_standing"


def test_a_file_of_nobody_gives_an_empty_answer(south: Member, tmp_path: Path) -> None:
    result = ask(south, write(tmp_path / "strangers.csv", loan(7)))

    assert (result.rows, result.rejected, result.exit_code) == (0, 1, 2)
    assert lines(tmp_path / "strangers.csv") == []


# Interrupted and repeated


def test_an_answer_that_was_lost_is_the_same_answer(alliance: Alliance, south: Member, file: Path) -> None:
    alliance.hub.matches.down = True
    with pytest.raises(Unavailable):
        ask(south, file)
    alliance.hub.matches.down = False
    assert ask(south, file).statuses["open"] == 1

    first, second = alliance.hub.matches.requests
    assert first == second


def test_what_was_left_of_another_question_is_not_mixed_in(
    alliance: Alliance, south: Member, file: Path, tmp_path: Path
) -> None:
    alliance.hub.matches.down = True
    with pytest.raises(Unavailable):
        ask(south, file)
    alliance.hub.matches.down = False

    assert ask(south, write(tmp_path / "one.csv", loan(2))).subjects == 1
    assert len(alliance.hub.matches.requests[-1].manifest.subjects) == 1


def test_answers_that_cannot_be_written_are_kept(alliance: Alliance, south: Member, file: Path) -> None:
    with pytest.raises(FileError):
        match(south, file, file.with_name("answers.docx"), purpose=Purpose.POST_LOAN_MANAGEMENT)

    ask(south, file)

    assert len(alliance.hub.matches.requests) == 1
    assert lines(file)[0]["exposure"]["contracts"] == 2


def test_another_period_is_asked_for_anew(alliance: Alliance, south: Member, file: Path) -> None:
    alliance.hub.matches.down = True
    with pytest.raises(Unavailable):
        ask(south, file)
    alliance.hub.matches.down = False
    alliance.hub.period = "2026-12"

    result = ask(south, file)

    assert result.periods == ("2026-12",)
    periods = [request.manifest.period for request in alliance.hub.matches.requests]
    assert periods == ["2026-11", "2026-11", "2026-12"]


def test_a_period_that_never_settles_ends_in_retry_later(
    alliance: Alliance, south: Member, file: Path
) -> None:
    honest = alliance.hub.alliance
    alliance.hub.routes[("GET", "/v1/alliance")] = lambda received: honest(received) | {"period": "2026-10"}

    with pytest.raises(RetryLater, match="period changed"):
        ask(south, file)


def test_without_a_cut_there_is_nothing_to_ask(alliance: Alliance, south: Member, file: Path) -> None:
    alliance.hub.period = None

    with pytest.raises(NotYet, match="no cut is effective"):
        ask(south, file)

    assert alliance.hub.matches.requests == []


# Many


def test_many_debtors_go_as_a_job(
    alliance: Alliance, south: Member, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("member.asking.MAX_SUBJECTS", 1)

    result = ask(south, file)

    assert (result.subjects, result.statuses["open"]) == (3, 1)
    assert [len(request.manifest.subjects) for request in alliance.hub.matches.requests] == [1, 1, 1]
    assert all(each.path != "/v1/matches" for each in alliance.hub.received)
    assert {line["subject"]: line["exposure"]["status"] for line in lines(file)} == {
        identifier(1).value: "open",
        identifier(2).value: "withheld",
        identifier(3).value: "none",
    }


def test_more_than_a_job_holds_goes_as_several(
    alliance: Alliance, south: Member, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("member.asking.MAX_SUBJECTS", 1)
    monkeypatch.setattr("member.exchange._MAX_MANIFESTS", 2)

    assert ask(south, file).subjects == 3

    assert [len(each) for each in alliance.hub.matches.jobs.values()] == [2, 1]


def test_what_a_job_left_unanswered_is_asked_again(
    alliance: Alliance, south: Member, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("member.asking.MAX_SUBJECTS", 1)
    alliance.hub.period = "2026-12"
    honest = alliance.hub.alliance
    periods = iter(["2026-11"])
    alliance.hub.routes[("GET", "/v1/alliance")] = lambda received: (
        honest(received) | {"period": next(periods, "2026-12")}
    )

    result = ask(south, file)

    assert result.periods == ("2026-12",)
    assert result.subjects == 3


def test_a_job_that_fails_is_asked_again_and_pays_nothing_twice(
    alliance: Alliance, south: Member, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("member.asking.MAX_SUBJECTS", 1)
    alliance.hub.matches.down = True

    with pytest.raises(Unavailable, match="too few custodians answer"):
        ask(south, file)
    alliance.hub.matches.down = False

    assert ask(south, file).subjects == 3
    ids = [request.manifest.request_id for request in alliance.hub.matches.requests]
    assert (len(ids), len(set(ids))) == (6, 3)


def test_no_manifest_asks_for_more_than_a_custodian_may_open(
    alliance: Alliance, south: Member, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two subjects share a ciphertext at this size of key.
    monkeypatch.setattr("member.asking.MAX_CIPHERTEXTS", 1)

    ask(south, file)

    assert [len(request.manifest.subjects) for request in alliance.hub.matches.requests] == [2, 1]


# Trust


def other_verdicts(said: Opening) -> Opening:
    changed = Verdict(status=Status.NONE, reason=None)
    return msgspec.structs.replace(
        said, verdicts=(changed,) * len(said.verdicts), ciphertexts=(), partials=()
    )


def test_a_custodian_that_disagrees_is_outvoted(
    alliance: Alliance, south: Member, heard: Heard, file: Path
) -> None:
    alliance.hub.matches.falsify = {1: other_verdicts}

    assert ask(south, file).statuses["open"] == 1
    assert heard.warned == ["custodian 1 signed another judgement than custodians 2, 3"]


def test_a_custodian_that_lies_is_named_and_what_shows_it_is_kept(
    alliance: Alliance, south: Member, heard: Heard, file: Path
) -> None:
    def shifted(said: Opening) -> Opening:
        public = alliance.key_set.public_key
        partial = int.from_bytes(unb64(said.partials[0]), "big") * (1 + 9 * public.n) % public.n_squared
        return msgspec.structs.replace(said, partials=(encode_integer(partial, public.bits // 4),))

    alliance.hub.matches.falsify = {2: shifted}

    result = ask(south, file)

    assert lines(file)[0]["exposure"]["outstanding"] == 350_000
    assert result.exit_code == 0
    (fault,) = result.faults
    assert "custodian 2" in fault
    assert heard.warned == [f"{fault}. What shows it is kept: see alliance-member accusations list"]
    (kept,) = list_accusations(south)
    assert isinstance(kept.accusation, FalsePartial)
    assert fault_of(south, kept.accusation) == fault


def test_a_hub_cannot_frame_a_custodian(alliance: Alliance, south: Member, heard: Heard, file: Path) -> None:
    def framed(signed: SignedMatchAnswer) -> SignedMatchAnswer:
        first, second = signed.answer.openings
        swapped = (msgspec.structs.replace(first, custodian=3), second)
        answer = msgspec.structs.replace(signed.answer, openings=swapped)
        return sign_answer(alliance.hub.key, answer, signed.receipt)

    alliance.hub.matches.falsify_answer = framed

    result = ask(south, file)

    assert lines(file)[0]["exposure"]["outstanding"] == 350_000
    assert result.faults == []
    assert list_accusations(south) == []
    (warning,) = heard.warned
    assert warning.startswith(
        "the opening of custodian 3 did not arrive well and was not used, nobody is blamed"
    )


def test_a_disagreement_is_asked_about_anew_next_time(alliance: Alliance, south: Member, file: Path) -> None:
    def another_cut(said: Opening) -> Opening:
        return msgspec.structs.replace(said, cut_at="2026-11-01T00:00:09Z")

    alliance.hub.matches.falsify = {1: other_verdicts, 3: another_cut}
    with pytest.raises(RetryLater, match="fewer than 2 custodians"):
        ask(south, file)
    alliance.hub.matches.falsify = {}

    assert ask(south, file).statuses["open"] == 1
    first, second = alliance.hub.matches.requests
    assert first.manifest.request_id != second.manifest.request_id


@pytest.mark.parametrize("what", ["signature", "leaf", "manifest", "subjects", "decision", "agreement"])
def test_an_answer_that_does_not_hold_is_not_used(
    alliance: Alliance, south: Member, file: Path, what: str
) -> None:
    def falsify(signed: SignedMatchAnswer) -> SignedMatchAnswer:
        answer, receipt = signed.answer, signed.receipt
        match what:
            case "signature":
                return msgspec.structs.replace(signed, signature=b64(bytes(64)))
            case "leaf":
                receipt = msgspec.structs.replace(receipt, entry={"kind": "nothing of the kind"})
            case "manifest":
                answer = msgspec.structs.replace(answer, manifest=b64(bytes(32)))
            case "subjects":
                answer = msgspec.structs.replace(answer, subjects=answer.subjects[:-1])
            case "decision":
                decision = msgspec.structs.replace(answer.decision, allowed=False)
                answer = msgspec.structs.replace(answer, decision=decision)
            case "agreement":
                decision = msgspec.structs.replace(answer.decision, agreement="别的协议")
                answer = msgspec.structs.replace(answer, decision=decision)
        return sign_answer(alliance.hub.key, answer, receipt)

    alliance.hub.matches.falsify_answer = falsify

    with pytest.raises(Untrusted, match="does not hold"):
        ask(south, file)

    assert not file.with_name("answers.jsonl").exists()


# Poisoned totals


@pytest.fixture
def poisoned(alliance: Alliance, south: Member, file: Path) -> Path:
    """Debtors 1 and 2 are open and share a ciphertext; what one other holds of the first is poison."""
    alliance.hub.matches.others = {pseudonym(alliance, 1): [-7, LATE], pseudonym(alliance, 2): [ONE, ONE]}
    return file


def asked_alone(alliance: Alliance) -> list[tuple[str, ...]]:
    """Return the subjects of every manifest that asked unpacked."""
    return [each.manifest.subjects for each in alliance.hub.matches.requests if each.manifest.unpacked]


def require_neighbour_right(file: Path) -> None:
    first, second, third, _ = (line["exposure"] for line in lines(file))
    assert (first["status"], first["reason"]) == ("withheld", "unsound_total")
    assert not set(SLOT_NAMES) & set(first)
    assert (second["status"], second["contracts"], second["outstanding"]) == ("open", 2, 200_000)
    assert third["status"] == "none"


@pytest.mark.parametrize("poison", [-7, 1 << 500, 3 << 470], ids=["negative", "oversized", "absurd"])
def test_a_poisoned_total_is_opened_alone_and_its_neighbour_gets_its_own(
    alliance: Alliance, south: Member, poisoned: Path, poison: int
) -> None:
    alliance.hub.matches.others[pseudonym(alliance, 1)] = [poison, LATE]

    result = ask(south, poisoned)

    require_neighbour_right(poisoned)
    assert (result.exit_code, result.reasons["unsound_total"], result.statuses["open"]) == (2, 1, 1)
    # Each in a manifest of its own: who is shown what accuses the first learns nothing of the second.
    both = sorted((pseudonym(alliance, number),) for number in (1, 2))
    assert sorted(asked_alone(alliance)) == both
    (kept,) = list_accusations(south)
    assert isinstance(kept.accusation, UnsoundTotal)
    assert kept.accusation.manifest.subjects == (pseudonym(alliance, 1),)
    assert result.faults == [fault_of(south, kept.accusation)]


def test_a_total_is_opened_alone_once(alliance: Alliance, south: Member, poisoned: Path) -> None:
    """Answers that cannot be written down are not asked for again, however often the command is run."""
    for _ in range(2):
        with pytest.raises(FileError):
            match(south, poisoned, poisoned.with_name("a.docx"), purpose=Purpose.POST_LOAN_MANAGEMENT)

    ask(south, poisoned)

    require_neighbour_right(poisoned)
    assert len(asked_alone(alliance)) == 2
    assert len(list_accusations(south)) == 1


def test_an_interrupted_reopening_goes_on_with_the_same_manifests(
    alliance: Alliance, south: Member, poisoned: Path
) -> None:
    honest = alliance.hub.matches.routes[("POST", "/v1/match-jobs")]
    alliance.hub.routes[("POST", "/v1/match-jobs")] = away
    with pytest.raises(Unavailable):
        ask(south, poisoned)
    alliance.hub.routes[("POST", "/v1/match-jobs")] = honest

    ask(south, poisoned)

    require_neighbour_right(poisoned)
    packed, *alone = alliance.hub.matches.requests
    assert (packed.manifest.unpacked, [each.manifest.unpacked for each in alone]) == (False, [True, True])


def test_when_the_period_moves_on_before_a_reopening_it_is_of_the_new_one(
    alliance: Alliance, south: Member, poisoned: Path
) -> None:
    honest = alliance.hub.matches.routes[("POST", "/v1/match-jobs")]
    alliance.hub.routes[("POST", "/v1/match-jobs")] = away
    with pytest.raises(Unavailable):
        ask(south, poisoned)
    alliance.hub.routes[("POST", "/v1/match-jobs")] = honest
    alliance.hub.period = "2026-12"

    result = ask(south, poisoned)

    require_neighbour_right(poisoned)
    assert result.periods == ("2026-11", "2026-12")


def test_a_spent_quota_loses_no_other_answer(
    alliance: Alliance, south: Member, heard: Heard, poisoned: Path
) -> None:
    def spent(received: object) -> object:
        raise Problem(429, "quota-exceeded", "this period's openings are used up", retry_at=None)

    alliance.hub.routes[("POST", "/v1/match-jobs")] = spent

    result = ask(south, poisoned)

    assert (result.statuses, result.exit_code) == ({"withheld": 2, "none": 1}, 2)
    assert result.reasons == {"unsound_total": 2}
    assert [line["reachable"]["status"] for line in lines(poisoned)] == ["yes"] * 4
    assert any("not every total could be opened alone" in text for text in heard.warned)
    assert list_accusations(south) == []


# Agreements


def test_an_agreement_that_is_only_offered_must_be_signed_first(
    alliance: Alliance, south: Member, file: Path
) -> None:
    alliance.agrees(SOUTH, state="offered")

    with pytest.raises(NotYet, match="waits for your signature"):
        ask(south, file)


@pytest.mark.parametrize(
    "changes",
    [
        {"purposes": (Purpose.LITIGATION,)},
        {"valid_until": "2020-01-01T00:00:00Z"},
        {"valid_from": "2090-01-01T00:00:00Z"},
    ],
    ids=["purpose", "over", "not yet"],
)
def test_an_agreement_that_does_not_allow_it_is_no_agreement(
    alliance: Alliance, south: Member, file: Path, changes: dict[str, Any]
) -> None:
    alliance.agrees(SOUTH, **changes)

    with pytest.raises(Refused, match="no agreement in force") as caught:
        ask(south, file)

    assert caught.value.rule == "agreement"


def test_a_named_agreement_is_the_one(alliance: Alliance, south: Member, file: Path) -> None:
    alliance.agrees(SOUTH, agreement="另一协议")

    ask(south, file, agreement="另一协议")

    assert alliance.hub.matches.requests[0].manifest.agreement == "另一协议"
    with pytest.raises(Refused, match="of the name 没有"):
        ask(south, file, agreement="没有")


def test_without_exposure_in_the_agreement_only_the_hub_answers(
    alliance: Alliance, south: Member, file: Path
) -> None:
    alliance.agrees(SOUTH, categories=(Category.REACHABILITY,))
    alliance.hub.matches.others = {}

    result = ask(south, file)

    assert result.reasons == {"not_in_agreement": 3}
    assert lines(file)[0]["exposure"]["status"] == "withheld"
    assert lines(file)[0]["reachable"]["status"] == "yes"


# The regulatory mode


def test_after_the_loan_only_overdue_contracts_are_asked_about(
    alliance: Alliance, south: Member, file: Path
) -> None:
    write(file, loan(1, overdue="10.00"), loan(2), loan(3, overdue=""))
    alliance.hub.mode = "post_loan_match"

    result = ask(south, file)

    assert (result.rows, result.rejected) == (1, 2)
    (request,) = alliance.hub.matches.requests
    assert request.manifest.subjects == (pseudonym(alliance, 1),)
    refused = rejected(rejected_path(file.with_name("answers.jsonl")))
    assert len(refused) == 2
    assert all("only overdue contracts are asked about" in " ".join(row) for row in refused)


def test_amounts_that_no_opinion_names_are_not_waited_for(
    alliance: Alliance, south: Member, file: Path
) -> None:
    write(file, loan(1, overdue="10.00"))
    alliance.hub.mode, alliance.hub.denies = "post_loan_match", {"exposure": "regulatory_mode"}
    alliance.hub.matches.others = {}

    result = ask(south, file)

    assert result.reasons == {"not_in_agreement": 1}
    assert alliance.hub.tried == [
        {
            "agreement": "数据共享协议",
            "purpose": "post_loan_management",
            "categories": ["exposure"],
            "subjects": 0,
        }
    ]


# The batch cap


def test_a_question_is_parted_by_the_agreements_cap(alliance: Alliance, south: Member, file: Path) -> None:
    alliance.agrees(SOUTH, subjects_per_request=2)

    ask(south, file)

    sizes = [len(request.manifest.subjects) for request in alliance.hub.matches.requests]
    assert sorted(sizes) == [1, 2]


def test_notice_that_runs_still_lets_a_member_ask(alliance: Alliance, south: Member, file: Path) -> None:
    alliance.agrees(SOUTH, state="terminating")
    assert ask(south, file).subjects == 3


def test_what_two_officers_have_yet_to_activate_is_waited_for(
    alliance: Alliance, south: Member, file: Path
) -> None:
    alliance.agrees(SOUTH, state="signed")
    with pytest.raises(NotYet, match="two officers"):
        ask(south, file)


# Flags


def shared_flag(alliance: Alliance, number: int, *, category: str = "absconded") -> SharedFlag:
    """A flag that another member, 北辰, has set on a debtor."""
    flag = seal_flag(
        alliance.output_of(identifier(number).subject_key_input)[:32],
        flag_id=bytes(32),
        as_of=AS_OF,
        category=category,
        narrative="搬离住所，手机停机",
        member="北辰",
        pseudonym=alliance.output_of(identifier(number).oprf_input)[:32],
        epoch=1,
    )
    return SharedFlag(member="北辰", flag=flag)


def test_flags_of_others_open_with_the_subject_key(alliance: Alliance, south: Member, file: Path) -> None:
    alliance.hub.matches.flags = {pseudonym(alliance, 3): (shared_flag(alliance, 3),)}
    before = sum(custodian.elements for custodian in alliance.custodians.values())

    ask(south, file)

    assert [line["flags"] for line in lines(file)] == [
        [],
        [],
        [{"member": "北辰", "category": "absconded", "narrative": "搬离住所，手机停机"}],
        [],
    ]
    # One subject key, of two custodians: for the flagged debtor and nobody else.
    assert sum(custodian.elements for custodian in alliance.custodians.values()) == before + 2


def test_a_flag_that_does_not_open_shows_its_category_only(
    alliance: Alliance, south: Member, heard: Heard, file: Path
) -> None:
    alliance.hub.matches.flags = {pseudonym(alliance, 3): (shared_flag(alliance, 2),)}

    ask(south, file)

    assert lines(file)[2]["flags"] == [{"member": "北辰", "category": "absconded", "narrative": None}]
    assert "does not open" in heard.warned[0]


def test_a_flag_of_an_unknown_category_is_left_out(
    alliance: Alliance, south: Member, heard: Heard, file: Path
) -> None:
    alliance.hub.matches.flags = {pseudonym(alliance, 3): (shared_flag(alliance, 3, category="new_word"),)}

    ask(south, file)

    assert lines(file)[2]["flags"] == []
    assert "update this program" in heard.warned[0]


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_answers_come_in_the_members_own_format(south: Member, file: Path, ending: str) -> None:
    out = file.with_name(f"answers{ending}")

    match(south, file, out, purpose=Purpose.POST_LOAN_MANAGEMENT)

    assert out.stat().st_size > 500


def away(received: object) -> object:
    raise Problem(503, "unavailable", "the hub's database is away")
