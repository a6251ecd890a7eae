"""What documents are usually called and shown for, so that a clerk need not write it two hundred times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from member.files.columns import fold
from member.matters.evidence_list import Said
from member.matters.forms import Form
from member.matters.profiles import DocumentKind

COMMON = ("common", "公共")
"""Folders beside the cases' whose documents go into every bundle: the licence, the power of attorney."""

SOURCE = "本单位业务档案"
"""Where a creditor's documents usually come from."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The words for a kind of document, the first being its name, and what it is usually shown for."""

    words: tuple[str, ...]
    purpose: str


USUAL: dict[DocumentKind, Usual] = {
    DocumentKind.CREDITOR_IDENTITY: Usual(
        ("债权人身份证明", "营业执照", "法定代表人身份证明"), "证明债权人的主体资格"
    ),
    DocumentKind.AUTHORITY: Usual(("授权委托书", "委托手续", "律师证", "所函"), "证明代理人的代理权限"),
    DocumentKind.DEBTOR_IDENTITY: Usual(("债务人身份证明", "身份证", "身份证明"), "证明债务人的身份"),
    DocumentKind.CONTRACT: Usual(("借款合同", "合同", "补充协议"), "证明借款关系成立及其约定的内容"),
    DocumentKind.GUARANTEE: Usual(("担保合同", "保证合同", "抵押合同", "质押合同"), "证明担保关系及其范围"),
    DocumentKind.CONSENT: Usual(("个人信息授权书", "授权书", "同意书"), "证明债务人同意处理其个人信息"),
    DocumentKind.DISBURSEMENT: Usual(("放款凭证", "放款回单", "转账凭证"), "证明借款已经支付"),
    DocumentKind.LEDGER: Usual(("还款明细", "欠款计算表", "流水", "账单"), "证明还款情况和欠款数额"),
    DocumentKind.DEMAND: Usual(("催收记录", "催收函", "催款通知", "送达证明"), "证明已催收，时效中断"),
    DocumentKind.ACKNOWLEDGEMENT: Usual(("债务确认书", "还款承诺", "还款计划"), "证明债务人确认债务"),
    DocumentKind.AGREEMENT_TO_ARBITRATE: Usual(("仲裁协议", "仲裁条款"), "证明双方约定由该仲裁委员会仲裁"),
    DocumentKind.JUDGMENT: Usual(("判决书", "裁决书", "调解书"), "证明执行依据的内容"),
    DocumentKind.IN_FORCE: Usual(("生效证明", "送达回证"), "证明执行依据已经生效并送达"),
    DocumentKind.PROPERTY: Usual(("财产线索",), "提供被执行人的财产线索"),
    DocumentKind.RECORDING: Usual(("录音", "录像"), "证明双方沟通的内容"),
    DocumentKind.OTHER: Usual(("其他",), "证明本案其他事实"),
}

_KINDS = {fold(word): kind for kind, usual in USUAL.items() for word in (kind.value, *usual.words)}
_PARTS = re.compile(r"[-_－＿\s]+")
_NUMBER = re.compile(r"[0-9]+")
_HEAD = re.compile(r"^[0-9]+[-_－＿.、\s]+")


def kind_named(text: str) -> DocumentKind | None:
    """Return the kind that a word names, in English or Chinese; None for another word."""
    return _KINDS.get(fold(text))


def kind_of_file(path: Path) -> DocumentKind | None:
    """Return the kind that a file's name begins with: `contract-2024.pdf`, `02_还款明细.xlsx`."""
    whole = kind_named(path.stem)
    if whole is not None:
        return whole
    parts = [part for part in _PARTS.split(path.stem) if part and not _NUMBER.fullmatch(part)]
    # Of words that are joined by hyphens in the kind's own name, the longest beginning counts.
    heads = ("-".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((kind for head in heads if (kind := kind_named(head)) is not None), None)


def usual_name(kind: DocumentKind) -> str:
    """Return what a document of a kind is called where nobody says otherwise."""
    return USUAL[kind].words[0]


def said_of_file(path: Path, kind: DocumentKind, collector: str, pages: int | None = None) -> Said:
    """Return what is said of a document that comes with a batch: its name is the file's."""
    return Said(
        kind=kind,
        name=_name(path, kind),
        source=SOURCE,
        purpose=USUAL[kind].purpose,
        form=Form.COPY,
        collector=collector,
        pages=pages,
    )


def _name(path: Path, kind: DocumentKind) -> str:
    """Return a file's name as the list shows it: without a number at its head, and never the English kind."""
    name = _HEAD.sub("", path.stem).strip()
    if not name.casefold().startswith(kind.value):
        return name or usual_name(kind)
    rest = name[len(kind.value) :].strip("-_ ")
    return f"{usual_name(kind)}-{rest}" if rest else usual_name(kind)


def files_of(folder: Path) -> Iterator[Path]:
    """Yield a folder's documents by name; what begins with a dot or `~` is nobody's document."""
    if folder.is_dir():
        yield from sorted(
            each for each in folder.iterdir() if each.is_file() and not each.name.startswith((".", "~"))
        )
