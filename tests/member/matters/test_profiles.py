"""Filing profiles are data: those that come along hold, and a bad one is refused by file and field."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from member.matters.application import application, says
from member.matters.case import Case
from member.matters.completeness import copies_of, lacks_of
from member.matters.documents import USUAL, kind_named, kind_of_file, said_of_file
from member.matters.draft import draft_of, laid_over
from member.matters.evidence_list import Listed, bag_path
from member.matters.forms import Form, Item
from member.matters.preparing import Subject, prepare
from member.matters.profiles import USUAL as USUAL_PROFILES
from member.matters.profiles import (
    BadProfile,
    DocumentKind,
    FormField,
    Profile,
    names,
    profile_named,
    read_profile,
    require_kind,
)
from privacy.evidence import MatterKind
from tests.member.matters.cases import DRAFT
from tests.member.people import identifier, person
from tests.paper.reading import text_of

MB = 1 << 20


def case_of(kind: MatterKind = MatterKind.LITIGATION, **changes: Any) -> Case:
    document = laid_over(DRAFT, {"debtor": {"identifier": person(1)}, "kind": kind.value})
    subject = Subject("M20261122-0001", "南山", kind, identifier(1), {"NA2024-000009": bytes(32)})
    draft = draft_of(laid_over(document, changes), "case.json")
    case, lacks = prepare(draft, subject, profile="court-internet", today=date(2026, 11, 22))
    assert case is not None, lacks
    return case


def listed(*documents: tuple[DocumentKind, str, int]) -> list[Listed]:
    return [
        Listed(
            kind,
            Item(
                number=number,
                name=kind.value,
                path=bag_path(number, kind.value, ending),
                source="档案",
                purpose="证明",
                pages=2,
                form=Form.COPY,
                size=size,
                sha_256=f"{number:064x}",
                sm3=f"{number:064x}",
                collected_at="2026-11-22T00:00:00Z",
                collector="赵某",
            ),
        )
        for number, (kind, ending, size) in enumerate(documents, 1)
    ]


def all_of(profile: Profile) -> list[Listed]:
    return listed(*((each.accepts[0], each.types[0], 1_000) for each in profile.annexes if each.required))


@pytest.mark.parametrize("name", names())
def test_the_profiles_that_come_along_hold(name: str) -> None:
    profile = profile_named(name)
    assert profile.name == name
    for kind in profile.kinds:
        assert USUAL_PROFILES[kind] == name
        require_kind(profile, kind)
    assert "[M]" in profile.source
    assert profile.annex_of(DocumentKind.CONTRACT) is not None


def test_every_kind_of_matter_has_a_profile() -> None:
    assert set(USUAL_PROFILES) == set(MatterKind)
    assert set(USUAL_PROFILES.values()) == set(names())
    with pytest.raises(BadProfile, match="enforcement"):
        require_kind(profile_named("mediation"), MatterKind.ENFORCEMENT)
    with pytest.raises(BadProfile, match="court-internet"):
        profile_named("court-of-heaven")


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("version",), 2, "version"),
        (("name",), "Court Internet", "name"),
        (("kinds",), [], "kinds"),
        (("limits", "file_bytes"), 0, "limits.file_bytes"),
        (("limits", "file_byte"), 1, "limits"),
        (("annexes", 0, "types", 0), ".PDF", "annexes[0].types[0]"),
        (("annexes", 1, "accepts", 0), "secret", "annexes[1].accepts[0]"),
        (("annexes", 1, "accepts"), ["contract"], "annexes[3].accepts"),
        (("annexes", 2, "required"), "yes", "annexes[2].required"),
        (
            ("form", "sections", 0, "fields", 0, "field"),
            "creditor.wealth",
            "form.sections[0].fields[0].field",
        ),
        (("form", "sections", 0, "fields", 1, "field"), "creditor", "form.sections[0].fields[1].field"),
    ],
)
def test_a_bad_profile_names_file_and_field(
    tmp_path: Path, path: tuple[str | int, ...], value: Any, field: str
) -> None:
    document: Any = json.loads(json.dumps(profile_named("court-internet").document()))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    file = tmp_path / "ours.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(BadProfile) as refused:
        profile_named(str(file))
    assert str(refused.value).startswith(f"ours.json: field {field}: ")


def test_a_profile_of_ones_own_is_read(tmp_path: Path) -> None:
    file = tmp_path / "ours.json"
    file.write_text(json.dumps(profile_named("mediation").document() | {"name": "ours"}), encoding="utf-8")
    assert read_profile(file).name == "ours"
    with pytest.raises(BadProfile, match="cannot be read"):
        read_profile(tmp_path / "theirs.json")
    file.write_text("{", encoding="utf-8")
    with pytest.raises(BadProfile, match=r"ours\.json: not JSON"):
        read_profile(file)


def test_a_complete_matter_lacks_nothing() -> None:
    profile = profile_named("court-internet")
    assert lacks_of(profile, case_of(), all_of(profile)) == []


@pytest.mark.parametrize(
    ("changes", "more", "where", "reason"),
    [
        ({"forum": None}, [], "forum", "the form asks for it"),
        ({"creditor": {"representative": ""}}, [], "creditor.representative", "the form asks for it"),
        ({}, [(DocumentKind.DEMAND, "wav", 1)], "document 7", "a .wav file is not taken for it"),
        ({}, [(DocumentKind.PROPERTY, "pdf", 1)], "document 7", "takes no documents of kind property"),
        ({}, [(DocumentKind.OTHER, "pdf", 11 * MB)], "document 7", "11.0 MB, and a file may have 10.0 MB"),
        ({}, [(DocumentKind.RECORDING, "mp3", 10 * MB)] * 21, "documents", "and 200.0 MB are taken"),
        ({}, [(DocumentKind.OTHER, "pdf", 1)] * 95, "documents", "101 files, and 100 are taken"),
    ],
)
def test_what_is_missing_too_big_or_of_the_wrong_type(
    changes: dict[str, Any], more: list[tuple[DocumentKind, str, int]], where: str, reason: str
) -> None:
    profile = profile_named("court-internet")
    documents = [(each.kind, each.item.path.rpartition(".")[2], each.item.size) for each in all_of(profile)]
    found = lacks_of(profile, case_of(**changes), listed(*documents, *more))
    assert len(found) == 1
    assert found[0].where == where
    assert reason in found[0].reason
    assert found[0].do


def test_each_missing_annex_is_said_with_what_to_do() -> None:
    profile = profile_named("enforcement")
    found = lacks_of(profile, None, [])
    assert [each.where.split(" / ")[0] for each in found] == [
        "申请执行人身份证明",
        "授权委托手续",
        "生效法律文书",
        "生效证明和送达证明",
    ]
    assert found[2].do == "alliance-member matters add ... --kind judgment"


def test_copies_count_the_respondents() -> None:
    profile = profile_named("arbitration-commission")
    copies = copies_of(profile, 2, listed((DocumentKind.CONTRACT, "pdf", 1)))
    assert [(each.documents, each.copies) for each in copies] == [(1, 5)]


def test_the_form_is_filled_from_the_case() -> None:
    profile = profile_named("court-internet")
    case, items = case_of(), [each.item for each in all_of(profile)]
    assert profile.form is not None
    paper = application(profile.form, case, items)
    assert paper == application(profile.form, case, items)
    text = text_of(paper)
    for words in (
        "民事起诉状",
        "南山小额贷款有限公司",
        "张某",
        "112,290.30",
        "示范市示范区人民法院",
        "具状人",
    ):
        assert words in text
    # What is not asked for is not written, and an optional field that is empty leaves no line.
    assert "其他被告" not in text


def test_every_field_of_a_form_says_something() -> None:
    judgment = {"body": "某法院", "number": "1号", "in_force_on": "2025-06-01", "perform_by": "2025-06-15"}
    other = {"name": "李某", "identifier": person(9), "address": "某路"}
    debtor = {"representative": "某人"}
    case = case_of(MatterKind.ENFORCEMENT, judgment=judgment, others=[other], debtor=debtor)
    items = [each.item for each in listed((DocumentKind.CONTRACT, "pdf", 1))]
    said = {field: says(field, case, items) for field in FormField}
    assert None not in said.values()
    assert said[FormField.OTHERS] == f"李某，{person(9)}，某路"
    assert said[FormField.JUDGMENT] == "某法院1号，2025年6月1日生效，履行期限至2025年6月15日"
    assert said[FormField.AGENTS] == "王某，示范律师事务所，10000000000000001，特别授权"


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("contract.pdf", "contract", "借款合同"),
        ("contract-2024.pdf", "contract", "借款合同-2024"),
        ("02_还款明细.xlsx", "ledger", "还款明细"),
        ("03-授权委托书-李律师.pdf", "authority", "授权委托书-李律师"),
        ("agreement-to-arbitrate-1.pdf", "agreement-to-arbitrate", "仲裁协议-1"),
        ("01 debtor-identity 张.jpg", "debtor-identity", "债务人身份证明-张"),
        ("scan.pdf", None, None),
        ("合同书面说明.pdf", None, None),
    ],
)
def test_a_files_name_says_what_it_is(name: str, kind: str | None, shown: str | None) -> None:
    found = kind_of_file(Path(name))
    assert found == kind
    if found is not None:
        said = said_of_file(Path(name), found, "南山")
        assert (said.name, said.purpose) == (shown, USUAL[found].purpose)


def test_every_kind_of_document_has_words() -> None:
    assert set(USUAL) == set(DocumentKind)
    for kind, usual in USUAL.items():
        assert {kind_named(word) for word in (kind.value, *usual.words)} == {kind}
