"""A case as a clerk prepares it: one debtor, one overdue contract, documents of several types."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from member import Member
from member.matters.evidence_list import Said
from member.matters.folder import Folder, Prepared, create_folder
from member.matters.forms import Form
from member.matters.profiles import DocumentKind, profile_named
from member.matters.ready import look_at
from member.matters.state import Contracted, Opened
from paper.blocks import Language, Paragraph, Sheet
from paper.sheet import render
from privacy.encoding import b64, instant_text
from privacy.evidence import MatterKind
from privacy.identifiers import Identifier
from tests.feeds import secret
from tests.member.people import identifier

MATTER = "south-2026-0001"
APPLICATION = b"%PDF-1.7 the form"

DRAFT: dict[str, Any] = {
    "kind": "litigation",
    "as_of": "2026-11-01",
    "forum": "示范市示范区人民法院",
    "cause": "小额借款合同纠纷",
    "creditor": {
        "name": "南山小额贷款有限公司",
        "identifier_kind": "USCC",
        "identifier": "91000000MA0000001R",
        "address": "示范市示范区科技路1号",
        "phone": "075500000000",
        "representative": "李某",
    },
    "agents": [{"name": "王某", "firm": "示范律师事务所", "licence": "10000000000000001"}],
    "debtor": {"name": "张某", "address": "示范市示范区和平街2号", "phone": "13000000000"},
    "loans": [
        {
            "contract": "NA2024-000009",
            "name": "个人消费借款合同",
            "signed_on": "2024-01-10",
            "lent": "100000.00",
            "due_on": "2025-01-10",
            "rate": "12",
            "penalty_rate": "12",
            "payments": [{"on": "2024-06-01", "amount": "20000.00"}],
            "fees": [{"on": "2026-10-01", "amount": "3000.00", "name": "律师费"}],
        }
    ],
    "events": [{"kind": "demand", "on": "2025-06-01", "words": "短信催收", "item": 2}],
}


def contract_ref(number: int) -> bytes:
    """Return the opaque reference of made-up contract `number`."""
    return secret("contract", str(number))


def begin(member: Member, matter: str = MATTER, debtor: Identifier | None = None) -> Folder:
    """Make the folder of a matter, as `matters open` does before it asks anybody."""
    who = debtor or identifier(1)
    draft = DRAFT | {"debtor": DRAFT["debtor"] | {"identifier": who.value}}
    opened = Opened(
        reference=matter,
        member=member.name,
        kind=MatterKind.LITIGATION,
        profile="court-internet",
        epoch=member.epoch,
        debtor_kind=who.kind,
        debtor=who.value,
        contracts=(Contracted("NA2024-000009", b64(contract_ref(1))),),
        law_firm=None,
        lawyers=(),
        until=instant_text(member.clock().replace(year=2028)),
    )
    return create_folder(member.home, opened, draft, profile_named("court-internet"))


def add_documents(folder: Folder, at: datetime, *, recording: bytes = b"RIFF a recording" * 40) -> None:
    """Put a contract and a recording on the evidence list."""
    beside = folder.path.parent
    contract = beside / "contract.pdf"
    contract.write_bytes(_contract())
    call = beside / "call.wav"
    call.write_bytes(recording)
    _add(folder, contract, "借款合同", DocumentKind.CONTRACT, Form.COPY, at)
    _add(folder, call, "催收通话录音", DocumentKind.DEMAND, Form.ORIGINAL, at)


@cache
def _contract() -> bytes:
    text = (Paragraph("借款人向贷款人借款人民币100000.00元。"),)
    return render(Sheet("借款合同", text, "NA2024-000009", Language.CHINESE))


def prepared(folder: Folder) -> Prepared:
    """Return the matter as it goes into a bundle, with a form that nobody reads here."""
    case = look_at(folder, date(2026, 11, 22)).case
    assert case is not None
    return folder.prepared(case, APPLICATION)


def _add(folder: Folder, path: Path, name: str, kind: DocumentKind, form: Form, at: datetime) -> None:
    said = Said(
        kind=kind,
        name=name,
        source="本公司档案",
        purpose="证明双方存在借款关系及催收事实",
        form=form,
        collector="赵某",
    )
    folder.add(path, said, at)
