"""What a certificate says, set out for people: a table of facts for each kind, in Chinese with English heads.

Nothing is said here that the certificate does not say: the words name what its fields are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from alliance_hub.agreements.wording import CATEGORIES, PURPOSES
from alliance_hub.matters.kinds import CertificateKind
from paper.blocks import Block, Code, Column, Facts, Heading, Table
from privacy.certificates import (
    AgreementSaid,
    AnySaid,
    Decided,
    DecisionSaid,
    ExistenceSaid,
    FlagSaid,
    NoticeSaid,
    RecordSaid,
    SettlementSaid,
)
from privacy.encoding import parse_instant
from privacy.periods import SHANGHAI
from privacy.vocabulary import EvasionCategory, Purpose

TITLES: Mapping[CertificateKind, tuple[str, str]] = {
    CertificateKind.AGREEMENT: ("数据共享协议证明", "Data agreement"),
    CertificateKind.DECISION: ("查询决定证明", "Questions and decisions"),
    CertificateKind.RECORD: ("债权登记证明", "Records handed in"),
    CertificateKind.FLAG: ("逃废债标记证明", "Evasion flags"),
    CertificateKind.SETTLEMENT: ("合同终结证明", "Contracts that have ended"),
    CertificateKind.NOTICE: ("授权与告知证明", "Consent and notice"),
    CertificateKind.EXISTENCE: ("他处持有情况证明", "Existence of a match"),
}
"""What each kind is called."""

SCOPES: Mapping[CertificateKind, tuple[str, str]] = {
    CertificateKind.AGREEMENT: (
        "证明会员在所列版本的协议项下参加联盟。协议由会员以其密钥签署，由秘书处载入联盟账本。",
        "The member took part under this version of the agreement: signed with the member's key, stated in "
        "the alliance's feed by the secretariat.",
    ),
    CertificateKind.DECISION: (
        "证明会员就本案债务人提出的、经协议许可的查询及其决定依据。被拒绝的查询在日志中"
        "只记载清单摘要，无法对应到本案债务人，故不列入。",
        "The member's questions about this debtor that its agreement allowed, and the clause that decided. "
        "Questions that were denied stand in the log by digest alone and cannot be tied to this debtor.",
    ),
    CertificateKind.RECORD: (
        "证明会员何时报送所列合同的登记。中心不掌握姓名、证件号码和金额，本证明不证明债权金额。",
        "When the member handed in its records of these contracts. The hub knows no name and no amount: this "
        "proves no amount.",
    ),
    CertificateKind.FLAG: (
        "证明会员随最近一次登记对所列合同作出的标记类别。标记的送达、异议等环节尚无登记，不在"
        "证明之列；标记内容由会员加密，中心不能阅读。",
        "The category of the flags that came with the newest records. Notices of flags and objections "
        "to them are not on record yet and are not certified; the hub cannot read the narrative.",
    ),
    CertificateKind.SETTLEMENT: (
        "证明会员以其签名陈述所列合同已经结清或者撤回。",
        "By its own signed statement the member called these contracts settled, or took them back.",
    ),
    CertificateKind.NOTICE: (
        "证明会员报送登记时附具的授权书与告知书的数字摘要。持有原件者可以核对是否即为该文件。",
        "The digests of written consent and of the notice, as handed in with the record. Whoever holds the "
        "papers can show that they are these.",
    ),
    CertificateKind.EXISTENCE: (
        "依据所列法院文书，经两名工作人员分别提出和批准，证明是否有其他会员登记了本案债务人。"
        "不披露其名称、数量和金额。",
        "On the court's order, proposed and approved by two officers: whether another member holds the "
        "debtor. Never who, how many or how much.",
    ),
}
"""What each kind proves, and what it does not."""

STATES: Mapping[str, str] = {
    "live": "有效",
    "held": "暂缓",
    "expired": "已过期",
    "settled": "已结清",
    "withdrawn": "已撤回",
    "active": "生效",
    "suspended": "中止",
    "terminating": "已通知终止",
    "ended": "已终止",
}
"""The states of records and agreements."""

_CONTRACT = Column("合同编号（摘要）\nContract", 5, code=True)
_STAMP = Column("载入账本\nStamped", 3)
_LEAF = Column("日志叶值\nLog entry", 5, code=True)


def blocks(said: AnySaid) -> Sequence[Block]:
    """Return what a certificate says."""
    match said:
        case AgreementSaid():
            return _agreement(said)
        case DecisionSaid():
            numbered = enumerate(said.decisions, 1)
            return [block for number, each in numbered for block in _decision(number, each)]
        case RecordSaid():
            return [_records(said)]
        case FlagSaid():
            return [_flags(said)]
        case SettlementSaid():
            return [_endings(said)]
        case NoticeSaid():
            return [_notices(said)]
        case ExistenceSaid():
            return _existence(said)


def moment(text: str) -> str:
    """Return an instant as people in Shanghai read it."""
    return in_shanghai(parse_instant(text))


def in_shanghai(at: datetime) -> str:
    """Return an instant by Shanghai's clock, to the second."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _agreement(said: AgreementSaid) -> Sequence[Block]:
    terms = said.terms
    return [
        Facts(
            (
                ("协议 Agreement", f"{terms.agreement}  第 {terms.version} 版 (version {terms.version})"),
                ("甲方 Association", terms.association_party.legal_name),
                ("乙方 Member", f"{terms.member_party.legal_name}（{terms.member}）"),
                ("状态 State", f"{_state(said.state)} {said.state}"),
                ("期限 Validity", f"{moment(terms.valid_from)} — {moment(terms.valid_until)}"),
                ("用途 Purposes", "、".join(PURPOSES[each] for each in terms.purposes)),
                ("取得数据 Receives", "、".join(CATEGORIES[each] for each in terms.receives)),
                ("载入账本 Stamped", f"{moment(said.stamp)}（位置 position {said.position}）"),
            )
        ),
        Facts(
            (
                ("协议文本摘要 Text", terms.text),
                ("会员签名 Signature", said.member_signature),
                ("日志叶值 Log entry", said.leaf),
            ),
            code=True,
        ),
    ]


def _decision(number: int, each: Decided) -> Sequence[Block]:
    place = f"第 {each.position + 1} 位，共 {each.subjects} 人 (no. {each.position + 1} of {each.subjects})"
    allowed = "许可 allowed" if each.allowed else "拒绝 denied"
    return [
        Heading(f"第 {number} 次查询 Question {number}", level=2),
        Facts(
            (
                ("查询时间 Asked", moment(each.asked_at)),
                ("查询用途 Purpose", _purpose(each.purpose)),
                ("债务人位置 Place", place),
                ("决定 Decision", allowed),
                ("依据 Clause", f"{each.agreement}  第 {each.version} 版  {each.clause}"),
            )
        ),
        Facts(
            (
                ("清单摘要 Manifest", each.manifest),
                ("债务人签名 Standing", each.standing),
                ("日志叶值 Log entry", each.leaf),
            ),
            code=True,
        ),
    ]


def _records(said: RecordSaid) -> Table:
    columns = (_CONTRACT, Column("数据日期\nAs of", 2), Column("状态\nState", 2), _STAMP, _LEAF)
    rows = (
        (each.contract_ref, each.as_of, _state(each.state), moment(each.stamp), each.leaf)
        for each in said.records
    )
    return Table(columns, tuple(rows))


def _flags(said: FlagSaid) -> Table:
    columns = (_CONTRACT, Column("类别\nCategory", 3), _STAMP, _LEAF)
    rows = (
        (each.contract_ref, _category(each.category), moment(each.stamp), each.leaf) for each in said.flags
    )
    return Table(columns, tuple(rows))


def _endings(said: SettlementSaid) -> Table:
    columns = (_CONTRACT, Column("状态\nState", 2), _STAMP, _LEAF)
    rows = ((each.contract_ref, _state(each.state), moment(each.stamp), each.leaf) for each in said.ended)
    return Table(columns, tuple(rows))


def _notices(said: NoticeSaid) -> Table:
    columns = (
        _CONTRACT,
        Column("授权书摘要\nConsent", 5, code=True),
        Column("告知书摘要\nNotice", 5, code=True),
        Column("载入账本\nStamped", 2),
    )
    rows = (
        (each.contract_ref, each.consent, each.notice or "无 none", moment(each.stamp))
        for each in said.notices
    )
    return Table(columns, tuple(rows))


def _existence(said: ExistenceSaid) -> Sequence[Block]:
    answer = "有 yes" if said.held_elsewhere else "无 no"
    return [
        Facts(
            (
                ("法院 Court", said.order.court),
                ("文书编号 Order", said.order.number),
                ("文书日期 Dated", said.order.ordered_on),
                ("其他会员有无登记 Held elsewhere", answer),
                ("截至 As of", f"账本位置 feed position {said.position}"),
            )
        ),
        Code((said.order.digest,)),
    ]


def _state(word: str) -> str:
    return STATES.get(word, word)


def _purpose(word: str) -> str:
    return f"{PURPOSES[Purpose(word)]} {word}" if word in set(Purpose) else word


def _category(word: str) -> str:
    return EvasionCategory(word).label if word in set(EvasionCategory) else word
