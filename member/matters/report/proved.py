"""What a bundle proves: each fact in one sentence that names by whom and when."""

from __future__ import annotations

from collections.abc import Iterator

from member.matters.report.facts import Facts
from member.matters.report.tongue import CERTIFICATES, CERTIFIED, IDENTIFIERS, PURPOSES, Tongue
from privacy.certificates import (
    AgreementSaid,
    AnySaid,
    DecisionSaid,
    ExistenceSaid,
    FlagSaid,
    NoticeSaid,
    RecordSaid,
    SettlementSaid,
)
from privacy.identifiers import Kind

_SHOWN = 4
"""Characters of the debtor's number that are shown beside what it proves."""


def proved(facts: Facts, say: Tongue) -> Iterator[str]:
    """Yield what page one says is proved; the verifier finds all of it to hold."""
    yield _sealed(facts, say)
    yield _opened(facts, say)
    yield _logged(facts, say)
    yield _identified(facts, say)
    yield _vouched(facts, say)


def certified(facts: Facts, say: Tongue) -> Iterator[str]:
    """Yield what each of the hub's certificates says."""
    return (_certified(said, say) for said in facts.said)


def _vouched(facts: Facts, say: Tongue) -> str:
    kinds = [
        say.word(CERTIFICATES.get(facts.kind_of(each)), facts.kind_of(each)) for each in facts.certificates
    ]
    count = say.count(len(kinds), "份", "certificate")
    return say(
        f"中心证明：中心签署证明{count}（{say.listed(kinds)}），均记入日志，内容见{say.part(CERTIFIED)}。",
        f"Certified: the hub signed {count} ({say.listed(kinds)}), each in the log; see "
        f"{say.part(CERTIFIED)}.",
    )


def _sealed(facts: Facts, say: Tongue) -> str:
    at = say.instant(facts.at)
    stamped = say(
        "，另有外部时间戳机构的时间戳" if facts.stamped else "",
        " An outside authority stamped it." if facts.stamped else "",
    )
    return say(
        f"未改动：{facts.case.member}于{at}签署封签{stamped}；其后改动任何一个字节，核验均不能通过。",
        f"Unchanged: {facts.case.member} signed the seal at {at}.{stamped} If one byte is changed the check "
        "fails.",
    )


def _opened(facts: Facts, say: Tongue) -> str:
    request, entry = facts.request, facts.opened.receipt.entry
    count, logged = say.count(len(request.contracts), "份", "contract"), say.instant(str(entry["at"]))
    return say(
        f"立项：{request.member}于{say.instant(request.opened_at)}就本债务人的{count}合同签署立项申请，"
        f"中心于{logged}记入日志（序号{facts.opened.index}）。",
        f"Opened: {request.member} signed the request about {count} of this debtor at "
        f"{say.instant(request.opened_at)}; the hub logged it at {logged}, entry {facts.opened.index}.",
    )


def _logged(facts: Facts, say: Tongue) -> str:
    cosigned = [
        say(f"第{index}托管方（{say.instant(at)}）", f"custodian {index} ({say.instant(at)})")
        for index, at in facts.cosigners.items()
    ]
    size = facts.note.checkpoint.size
    return say(
        f"日志：所引{len(facts.proofs)}条日志均在{size}条的日志之内；{say.listed(cosigned)}"
        "查核该日志只增不改后副署检查点。",
        f"Logged: all {len(facts.proofs)} entries stand in a log of {size}, whose checkpoint was cosigned, "
        f"after a check that the log only grew, by {say.listed(cosigned)}.",
    )


def _identified(facts: Facts, say: Tongue) -> str:
    _, kind, value = facts.opening.input.split("|", 2)
    number = say.word(IDENTIFIERS.get(Kind(kind)), kind)
    who = say.listed([str(each.custodian) for each in facts.opening.evaluations])
    return say(
        f"身份：由{number}号码（末四位{value[-_SHOWN:]}）经第{who}托管方逐一计算，"
        "所得假名即立项申请所载假名，可重新计算验证。",
        f"Identity: the {number} (ending {value[-_SHOWN:]}), evaluated by custodians {who}, gives the "
        "pseudonym that the request names; anybody can compute it again.",
    )


def _certified(said: AnySaid, say: Tongue) -> str:
    match said:
        case AgreementSaid():
            return _agreement(said, say)
        case DecisionSaid():
            return _decisions(said, say)
        case RecordSaid():
            return _records(said, say)
        case FlagSaid():
            return _flags(said, say)
        case SettlementSaid():
            return _settlements(said, say)
        case NoticeSaid():
            return _notices(said, say)
        case ExistenceSaid():
            return _existence(said, say)


def _agreement(said: AgreementSaid, say: Tongue) -> str:
    terms, at = said.terms, say.instant(said.stamp)
    return say(
        f"数据协议：{terms.member}签署的《{terms.agreement}》第{terms.version}版于{at}登记。",
        f"Data agreement: {terms.agreement}, version {terms.version}, signed by {terms.member}, was put on "
        f"record at {at}.",
    )


def _decisions(said: DecisionSaid, say: Tongue) -> str:
    if not said.decisions:
        return say(
            "查询：中心没有该会员查询本债务人的记载。", "Questions: none about this debtor is on record."
        )
    first = said.decisions[0]
    allowed = sum(each.allowed for each in said.decisions)
    count, at = say.count(len(said.decisions), "次", "time"), say.instant(first.asked_at)
    purpose = say.word(PURPOSES.get(first.purpose), first.purpose)
    return say(
        f"查询：该会员就本债务人查询{count}，其中依协议准许{allowed}次；首次为{at}，用途：{purpose}。",
        f"Questions: the member asked about this debtor {count}, {allowed} of them allowed by the "
        f"agreement; first at {at}, for {purpose}.",
    )


def _records(said: RecordSaid, say: Tongue) -> str:
    if not said.records:
        return say("合同记录：无。", "Records: none.")
    at = say.instant(min(each.stamp for each in said.records))
    count = say.count(len(said.records), "份", "contract")
    newest = max(each.as_of for each in said.records)
    return say(
        f"合同记录：该会员报送的{count}合同记录在案，最早登记于{at}，数据截至{say.day(newest)}；金额中心不掌握。",
        f"Records: {count} on record, the first since {at}, as of {newest}; the hub knows no amount.",
    )


def _flags(said: FlagSaid, say: Tongue) -> str:
    count = len(said.flags)
    return say(
        f"逃废债标记：该会员在本案合同上设有{count}项标记。" if count else "逃废债标记：本案合同未设标记。",
        f"Evasion flags: {count} set by the member on these contracts." if count else "Evasion flags: none.",
    )


def _settlements(said: SettlementSaid, say: Tongue) -> str:
    if not said.ended:
        return say(
            "结清：会员未声明结清或者撤回本案任何合同。",
            "Settlements: the member has called none of these contracts settled.",
        )
    at, count = say.instant(said.ended[-1].stamp), say.count(len(said.ended), "份", "contract")
    return say(
        f"结清：会员已声明结清或者撤回{count}合同（最近登记于{at}）。",
        f"Settlements: the member has called {count} settled or withdrawn, last at {at}.",
    )


def _notices(said: NoticeSaid, say: Tongue) -> str:
    delivered = sum(each.notice is not None for each in said.notices)
    count = say.count(len(said.notices), "份", "contract")
    return say(
        f"授权与告知：{count}合同登记有授权书摘要，其中{delivered}份登记有告知书摘要；"
        "与原件核对即知是否同一文件。",
        f"Consent and notice: digests of consent for {count}, of notice for "
        f"{delivered}; whoever holds the papers can compare them.",
    )


def _existence(said: ExistenceSaid, say: Tongue) -> str:
    order = said.order
    held = say("有" if said.held_elsewhere else "无", "another" if said.held_elsewhere else "no other")
    return say(
        f"其他会员持有情况：依{order.court}{order.number}，中心证明{held}其他会员持有本债务人的记录。",
        f"Elsewhere: on the order {order.number} of {order.court} the hub certifies that {held} member holds "
        "this debtor.",
    )
