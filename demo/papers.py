"""What lies on the desks of the demo's office: applications, drafts, proposals, complaints, a sample."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session
from stdnum.cn import uscc

from alliance_hub.agreements import amending, drafting, reading
from alliance_hub.agreements.reading import AgreementQuery
from alliance_hub.approvals import service as approvals
from alliance_hub.approvals.models import Kind as Proposed
from alliance_hub.complaints import service as complaints
from alliance_hub.complaints.kinds import Channel, Kind, Misconduct, Outcome
from alliance_hub.complaints.service import Ending, Entry
from alliance_hub.hub import Hub
from alliance_hub.inspection import acts as inspection
from alliance_hub.inspection import service as samples
from alliance_hub.inspection.models import Register
from alliance_hub.membership import acts as memberships
from alliance_hub.membership import applications, files, reviewing
from alliance_hub.membership.applying import FirmFacts, read_firm
from alliance_hub.membership.checklist import Item
from alliance_hub.parameters import acts as parameters
from alliance_hub.people.actor import Actor
from alliance_hub.people.directory import actor_of, get_officer
from privacy.ceremony import MemberCard
from privacy.encoding import b64
from privacy.periods import day_of
from privacy.sealing import SealingKey
from privacy.signing import SEED_BYTES, SigningKey

APPLICANTS = ("演示云杉消费金融", "演示松江助贷")
AGENCIES = ("演示速达咨询", "演示平正信用管理")
INSPECTION_DAYS = 14
NIGHTS = (Misconduct.QUIET_HOURS, Misconduct.TOO_MANY_CALLS)
POSING = (Misconduct.THREATS, Misconduct.IMPERSONATION, Misconduct.THIRD_PERSON_PRESSED)
REPAIR = (Misconduct.PAID_REPAIR,)


@dataclass(frozen=True, slots=True)
class People:
    """Who does what."""

    system: Actor
    security: Actor
    audit: Actor
    first: Actor
    """Membership, agreements, flags."""
    second: Actor
    """Membership, agreements, disputes."""
    desk: Actor
    guest: Actor


def fill(session: Session, hub: Hub, people: People, members: Sequence[str], now: datetime) -> None:
    """Lay everything out."""
    _apply(session, people, now)
    _draft(session, hub, people, members, now)
    _propose(session, hub, people, members, now)
    _complain(session, people, members, now)
    _inspect(session, hub, people, now)


def write_file(session: Session, actor: Actor, member: str, number: int, now: datetime) -> None:
    """Write down a member's facts; the second one's licence runs out within the month."""
    until = now + timedelta(days=20 if number == 2 else 300 + 50 * number)
    files.change(session, actor, member, _firm(f"{member}（演示）", number, until, now), now)


def _apply(session: Session, people: People, now: datetime) -> None:
    """Let two firms apply: one has just come, the other is under review."""
    for number, name in enumerate(APPLICANTS, 90):
        firm = _firm(f"{name}有限公司", number, now + timedelta(days=400), now)
        received = applications.receive(session, _card(name), firm, now)
    id = received.application.id
    reviewing.begin(session, people.first, id, now)
    for item in (Item.LICENCE_SEEN, Item.DOCUMENTS):
        reviewing.tick(session, people.first, id, item, "已核对（演示）", now)


def _draft(session: Session, hub: Hub, people: People, members: Sequence[str], now: datetime) -> None:
    """Amend two agreements: one amendment is a draft, the other waits for its review."""
    found = reading.list_all(session, AgreementQuery(sort="agreement", descending=False), at=now).versions
    for place, each in enumerate(found[:2]):
        changes = {"dispute_days": 15, "retention_days": 730}
        row = amending.amend(session, hub, people.first, each.terms.agreement, changes, now=now)
        if place == 1:
            drafting.send_to_review(session, people.first, row.agreement, row.version, now)


def _propose(session: Session, hub: Hub, people: People, members: Sequence[str], now: datetime) -> None:
    """Leave three proposals waiting for other officers."""
    why = "经两次函告仍未提交催收机构名录（演示）"
    memberships.propose_state(
        session, hub, people.first, Proposed.SUSPENSION, members[-1], reason=why, now=now
    )
    memberships.propose_quota(
        session, hub, people.second, members[0], 20_000, reason="业务量增长（演示）", now=now
    )
    parameters.propose_value(
        session, hub, people.system, "complaint_answer_days", 10, reason="提高答复时效（演示）", now=now
    )


def _complain(session: Session, people: People, members: Sequence[str], now: datetime) -> None:
    """Enter complaints: some in time, one late, two answered."""
    north, south = members[0], members[-1]
    numbers = [
        _enter(session, people.desk, now, Came(*each))
        for each in (
            (17, Kind.MISCONDUCT, north, "连续三晚 22:00 后来电。", AGENCIES[0], NIGHTS),
            (15, Kind.DISPUTE, south, "称合同已结清，仍显示欠款。"),
            (9, Kind.MISCONDUCT, north, "自称法院人员，致电单位。", AGENCIES[0], POSING),
            (4, Kind.MISCONDUCT, south, "收费代办“征信修复”。", AGENCIES[1], REPAIR),
            (2, Kind.PERSONAL_INFORMATION, north, "请求复制其个人信息。"),
            (1, Kind.SERVICE, south, "协商还款无人受理。"),
        )
    ]
    complaints.assign(session, people.desk, numbers[0], people.second.officer, now)
    complaints.note(session, people.second, numbers[0], "已函告会员，要求五日内提交通话记录。", now)
    for number, outcome in ((numbers[3], Outcome.UPHELD), (numbers[5], Outcome.PARTLY)):
        ending = Ending(outcome, "已责令整改，并书面答复。", now - timedelta(hours=3))
        complaints.close(session, people.second, number, ending, now)


@dataclass(frozen=True, slots=True)
class Came:
    """A complaint that came some days ago."""

    days_ago: int
    kind: Kind
    member: str
    summary: str
    agency: str | None = None
    misconduct: Sequence[Misconduct] = ()


def _enter(session: Session, actor: Actor, now: datetime, came: Came) -> str:
    entry = Entry(
        kind=came.kind,
        channel=Channel.REGULATOR if came.kind is Kind.DISPUTE else Channel.PHONE,
        received_at=now - timedelta(days=came.days_ago),
        complainant=f"RD-{now.year}-{100 + came.days_ago:05}",
        summary=f"{came.summary}（演示）",
        member=came.member,
        agency=came.agency,
        misconduct=came.misconduct,
    )
    return complaints.enter(session, actor, entry, now).number


def _inspect(session: Session, hub: Hub, people: People, now: datetime) -> None:
    """Appoint an inspector, who draws a first sample."""
    last_day = day_of(now) + timedelta(days=INSPECTION_DAYS)
    proposal = inspection.propose(
        session, hub, people.security, people.guest.officer, last_day, reason="年度检查（演示）", now=now
    )
    approvals.approve(session, hub, people.audit, proposal.id, now)
    guest = actor_of(session, get_officer(session, people.guest.officer), at=now)
    samples.draw(
        session, guest, Register.COMPLAINTS, 3, "抽查答复时限（演示）", now, randomness=secrets.token_bytes
    )


def _firm(name: str, number: int, until: datetime, now: datetime) -> FirmFacts:
    """Return made-up facts of a firm; its codes are well-formed and nobody's."""
    raw = {
        "legal_name": name,
        "kind": "lending_platform",
        "uscc": _uscc(number),
        "licence_kind": "small_loan",
        "licence_number": f"DEMO-{number:04}",
        "licence_until": day_of(until).isoformat(),
        "declared_portfolio": "1000",
        "business_name": f"演示联系人{number}",
        "business_mobile": f"1660000{number:04}",
        "business_email": f"member{number}@office.example",
    }
    return read_firm(raw, day_of(now))


def _uscc(number: int) -> str:
    body = f"91000000DEM{number:06}".replace("O", "0")
    return body + str(uscc.calc_check_digit(body))


def _card(name: str) -> MemberCard:
    """Return the card of a firm that has made its keys and forgets them again."""
    signing, recovery = (SigningKey(secrets.token_bytes(SEED_BYTES)) for _ in range(2))
    sealing = SealingKey.generate()
    return MemberCard(
        name=name, signing=b64(signing.public), recovery=b64(recovery.public), sealing=b64(sealing.public)
    )
