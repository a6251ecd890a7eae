"""One matter of the demo, from an overdue contract to a bundle that is checked as a court would check it.

The debtor and the figures come from the sample portfolio, the papers are made up here: each says so.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from demo.alliance import Alliance, Member
from demo.authority import Authority
from demo.console import LAW_FIRM, LAWYER
from demo.portfolios import DemoError
from demo.processes import run
from member.files import read_portfolio
from member.files.rows import Row
from paper.blocks import Facts, Language, Paragraph, Sheet, Tone
from paper.sheet import render

BUNDLE, TRUST = "bundle.zip", "trust.json"

PAPERS = {
    "creditor-identity": "营业执照",
    "authority": "授权委托书",
    "debtor-identity": "债务人身份证明",
    "contract": "个人消费借款合同",
    "disbursement": "放款回单",
    "ledger": "还款明细",
    "demand": "催收函及送达记录",
}
"""What the filing asks for, by the kind of document, and the title of what is made up for it."""

TEMPLATE = "flags-and-exposure"
"""The usual agreement does not allow litigation."""

MADE_UP = "演示材料，人物与文件均属虚构 · DEMONSTRATION, all people and papers are made up"
LENT_BEFORE = timedelta(days=365)
DEMANDED_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Brought:
    """What the demo leaves for a court."""

    reference: str
    bundle: Path
    trust: Path
    verdict: str
    """What the verifier said at the end."""


def bring(alliance: Alliance, member: Member, out: Path, as_of: date) -> Brought | None:
    """Open a matter, collect its papers, build, deliver and verify its bundle; None if nothing is overdue.

    Raises DemoError with the words of the command that failed.
    """
    row = _overdue(member, as_of)
    if row is None:
        return None
    own = alliance.as_party(member.party)
    _agree(alliance, member)
    desk = alliance.home(member.party) / "desk"
    desk.mkdir(exist_ok=True)
    reference = _open(own, member, _case(desk, member, row, as_of), row.contract)
    _add_papers(own, desk, reference, member, row)
    bundle, trust = out / BUNDLE, out / TRUST
    with Authority(alliance.root / "authority").serve() as authority:
        _anchor(alliance, authority)
        stamped: list[str | Path] = ["--authority", authority.url, "--authority-roots", authority.roots]
        run(["alliance-member", "matters", "build", reference, "--out", bundle, *stamped, *own])
    run(["alliance-member", "matters", "deliver", reference, bundle, "--to", "演示明和律师事务所", *own])
    run(["alliance-custodian", "trust", "--out", trust, "--home", alliance.home("custodian-1")])
    said = run(["alliance-verify", bundle, "--trust", trust, "--lang", "en"])
    return Brought(reference, bundle, trust, " ".join(said.split("\n\n")[-1].split("\n")).strip())


def clear(out: Path) -> None:
    """Remove what an earlier demo left for a court."""
    for name in (BUNDLE, TRUST):
        (out / name).unlink(missing_ok=True)


def _agree(alliance: Alliance, member: Member) -> None:
    """Have the member sign an agreement under which it may go to court, with a law firm's help."""
    offer = ["alliance-hub", "agreements", "offer", member.name, "--template", TEMPLATE]
    run([*offer, "--activate-when-signed", *alliance.as_party("hub")])
    run(["alliance-member", "agreements", "sign", "--yes", *alliance.as_party(member.party)])


def _anchor(alliance: Alliance, authority: Authority) -> None:
    """Have the hub's newest checkpoint stamped, which else happens once a day."""
    settings = {
        "ALLIANCE_HUB_TIMESTAMP_URL": authority.url,
        "ALLIANCE_HUB_TIMESTAMP_ROOTS": str(authority.roots),
    }
    run(["alliance-hub", "log", "anchor", *alliance.as_party("hub")], environment=settings)


def _overdue(member: Member, as_of: date) -> Row | None:
    rows = read_portfolio(member.portfolio, as_of=as_of, synthetic=True)
    return next((row for row in rows if isinstance(row, Row) and row.overdue_on and row.outstanding), None)


def _case(desk: Path, member: Member, row: Row, as_of: date) -> Path:
    """Write down what the clerk knows of the case."""
    assert row.overdue_on is not None  # `_overdue` has looked
    lent = row.lent or row.outstanding
    signed_on = min(row.consent_on, row.overdue_on - LENT_BEFORE)
    case = {
        "kind": "litigation",
        "as_of": (as_of + timedelta(days=1)).isoformat(),
        "forum": "演示市演示区人民法院",
        "creditor": {
            "name": f"演示{member.name}小额贷款有限公司",
            "identifier_kind": "USCC",
            "identifier": "91000000MA0000000N",
            "address": "演示市演示区一号",
            "phone": "000-00000000",
            "representative": "演示法定代表人",
        },
        "debtor": {"address": "演示市演示区二号"},
        "loans": [
            {
                "contract": row.contract,
                "name": PAPERS["contract"],
                "signed_on": signed_on.isoformat(),
                "lent": _yuan(lent),
                "due_on": row.overdue_on.isoformat(),
                "rate": "12",
                "penalty_rate": "12",
                "opened": {"on": row.overdue_on.isoformat(), "principal": _yuan(row.outstanding)},
            }
        ],
        "events": [
            {
                "kind": "demand",
                "on": (row.overdue_on + DEMANDED_AFTER).isoformat(),
                "words": "书面催收",
                "item": 1 + list(PAPERS).index("demand"),
            }
        ],
    }
    path = desk / "case.json"
    path.write_text(json.dumps(case, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def _open(own: list[str | Path], member: Member, case: Path, contract: str) -> str:
    asked: list[str | Path] = ["--case", case, "--contract", contract, "--portfolio", member.portfolio]
    firm = ["--law-firm", LAW_FIRM, "--lawyer", LAWYER.staff_number]
    said = run(["alliance-member", "matters", "open", *asked, *firm, *own])
    found = re.search(r"reference is (\S+?)\.?\s", said)
    if found is None:
        raise DemoError("alliance-member matters open named no reference")
    return found[1]


def _add_papers(own: list[str | Path], desk: Path, reference: str, member: Member, row: Row) -> None:
    for kind, title in PAPERS.items():
        path = desk / f"{kind}.pdf"
        path.write_bytes(_paper(title, member, row))
        run(["alliance-member", "matters", "add", reference, path, "--kind", kind, "--copy", *own])


def _paper(title: str, member: Member, row: Row) -> bytes:
    facts = (("出借人", f"演示{member.name}小额贷款有限公司"), ("合同编号", row.contract))
    blocks = (Paragraph(MADE_UP, Tone.NOTICE), Facts(facts))
    return render(Sheet(title=title, blocks=blocks, foot=MADE_UP, language=Language.CHINESE))


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"
