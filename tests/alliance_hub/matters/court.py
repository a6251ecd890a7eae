"""What the tests of matters are told with: a member that opens one, its lawyers, cosigning custodians."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from alliance_hub.errors import HubError
from alliance_hub.hub import Hub
from alliance_hub.matters import service as matters
from alliance_hub.matters.certify import Certified
from alliance_hub.matters.kinds import CertificateKind
from alliance_hub.matters.models import MatterRow
from alliance_hub.membership import service as membership
from alliance_hub.people import directory
from alliance_hub.people.actor import Actor
from alliance_hub.people.models import ASSOCIATION, Officer, OfficerState, Organisation, RoleGrant
from alliance_hub.people.roles import EXPIRING, OrganisationKind, Role
from alliance_hub.permissions import Sender
from alliance_hub.transparency import checkpoints, cosigning, tree
from privacy.certificates import CourtOrder, SignedCertificate
from privacy.checkpoint import cosign, custodian_name, log_origin
from privacy.encoding import b64, instant_text
from privacy.evidence import MatterEvidence, MatterKind, MatterRequest, SignedMatterRequest, sign_matter
from privacy.vocabulary import Category, Purpose
from tests.alliance_hub.builders import Platform, seed
from tests.alliance_hub.matching.story import Story
from tests.alliance_hub.records.builders import (
    NOVEMBER,
    pseudonym_of,
    record_of,
    reference_of,
    sign_chunk,
    standing_key_of,
)

CONTRACT = "North/Lin/1"
"""The contract that `Story.tell` lets North hold with Lin."""

COURT_ORDER = CourtOrder(
    court="测试市人民法院", number="(2026)测01民初1号", ordered_on="2026-10-31", digest=b64(seed("order"))
)

EVERYTHING = tuple(CertificateKind)[:-1]


class Court:
    """North, its firm and the hub."""

    def __init__(self, story: Story, north: Platform) -> None:
        self.story, self.north, self.clock = story, north, story.clock
        self.hub: Hub = story.hub

    def agree(self, **changes: Any) -> None:
        """Let North sign an agreement that allows litigation with a law firm's help."""
        facts = {
            "agreement": "court",
            "purposes": (Purpose.LITIGATION, Purpose.ARBITRATION),
            "categories": (Category.EVIDENCE,),
            "sub_processing": True,
        }
        self.story.agree(self.north, **(facts | changes))

    def found_firm(self, id: str = "Firm", kind: OrganisationKind = OrganisationKind.LAW_FIRM) -> None:
        """Enter an organisation."""
        with self.hub.database.transaction() as session:
            session.add(
                Organisation(id=id, kind=kind, name=id, uscc=None, created_at=self.clock(), closed_at=None)
            )

    def hire(self, organisation: str, number: str, *roles: Role) -> Actor:
        """Let somebody join an organisation; a lawyer for half a year."""
        with self.hub.database.transaction() as session:
            if organisation == ASSOCIATION and session.get(Organisation, ASSOCIATION) is None:
                session.add(_association(self))
                session.flush()
            officer = Officer(
                organisation=organisation,
                staff_number=number,
                name=f"Officer {number}",
                language="zh",
                state=OfficerState.ACTIVE,
                failures=0,
                created_at=self.clock(),
            )
            session.add(officer)
            session.flush()
            for role in roles:
                until = self.clock() + timedelta(days=180) if role in EXPIRING else None
                session.add(
                    RoleGrant(
                        officer=officer.id,
                        role=role,
                        from_at=self.clock(),
                        until_at=until,
                        granted_by="operator",
                    )
                )
        return self.now(organisation, number)

    def now(self, organisation: str, number: str) -> Actor:
        """Return an officer with the roles that it has by now."""
        with self.hub.database.reading() as session:
            officer = directory.get_by_ref(session, f"{organisation}/{number}")
            return directory.actor_of(session, officer, at=self.clock())

    def request(self, **changes: Any) -> SignedMatterRequest:
        """Return a sound matter against Lin as North signs it, with some of it changed before."""
        key_set = self.hub.key_set
        facts: dict[str, Any] = {
            "alliance": key_set.alliance,
            "epoch": key_set.epoch,
            "key_set": b64(key_set.digest),
            "matter": "matter-0001",
            "member": self.north.name,
            "kind": MatterKind.LITIGATION,
            "pseudonym": b64(pseudonym_of("Lin")),
            "standing_key": b64(standing_key_of("Lin").public),
            "contracts": (b64(reference_of(CONTRACT)),),
            "opening": b64(seed("opening")),
            "law_firm": "Firm",
            "lawyers": ("L-1",),
            "opened_at": instant_text(self.clock()),
            "until": instant_text(self.clock() + timedelta(days=90)),
        }
        return sign_matter(self.north.key, MatterRequest(**(facts | changes)))

    def post(self, signed: SignedMatterRequest) -> MatterRow:
        """Hand a request in; raises what the hub refuses it with, once that is committed."""
        with self.hub.database.transaction() as session:
            member = membership.get(session, self.north.name)
            found = matters.open_matter(session, self.hub, member, signed, self.clock())
        if isinstance(found, HubError):
            raise found
        return found

    def open(self, **changes: Any) -> MatterRow:
        """Open a matter against Lin."""
        return self.post(self.request(**changes))

    def row(self, session: Session, reference: str = "matter-0001") -> MatterRow:
        return matters.get_own(session, self.north.name, reference)

    def ask(
        self, *kinds: CertificateKind, order: CourtOrder | None = None, matter: str = "matter-0001"
    ) -> Certified:
        """Ask for certificates; for all that need no order when none is named."""
        with self.hub.database.transaction() as session:
            row = self.row(session, matter)
            asked = set(kinds or EVERYTHING)
            return matters.certify(session, self.hub, row, asked, order, self.clock())

    def certify(self, *kinds: CertificateKind) -> tuple[SignedCertificate, ...]:
        """Ask for certificates and return them."""
        return self.ask(*kinds).certificates

    def evidence(self, matter: str = "matter-0001") -> MatterEvidence:
        """Fetch the evidence."""
        return matters.evidence(self.hub, self.north.name, matter, self.clock())

    def cosign(self, *custodians: int) -> int:
        """Integrate the log and let custodians cosign what is shown; return its size."""
        with self.hub.database.transaction() as session:
            tree.integrate(session, self.hub, self.clock())
        with self.hub.database.transaction() as session:
            shown = checkpoints.offered(session)
            assert shown is not None
            for index in custodians:
                name = custodian_name(log_origin(self.hub.key_set), index)
                key = self.story.alliance.custodians[index - 1].key
                line = cosign(key, name, shown.note.checkpoint, at=self.clock()).text()
                sender = Sender.for_custodian(index)
                cosigning.receive(session, self.hub, sender, shown.size, line, self.clock())
        return shown.size

    def shown(self, actor: Actor, matter: int = 1) -> matters.MatterShown:
        """Return a matter as an officer sees it."""
        with self.hub.database.transaction() as session:
            return matters.get_for(session, self.hub, actor, matter, self.clock())

    def detail(self) -> matters.MatterShown:
        """Return the matter as it stands, seen by nobody."""
        with self.hub.database.reading() as session:
            return matters.present(session, self.hub, self.row(session), self.clock())

    def why(self) -> dict[str, str]:
        """Return why certificates are superseded now, by their kind; of agreements by their subject."""
        found = self.detail().certificates
        return {each.subject or each.kind: str(each.why) for each in found if each.why is not None}


def hand_in(court: Court, contract: str = CONTRACT, **facts: Any) -> None:
    """Let North hand in a newer record of a contract."""
    keys = court.hub.key_set
    record = record_of(keys, contract, **({"as_of": NOVEMBER} | facts))
    court.story.submitted += 1
    reference = f"reference-{court.story.submitted}"
    chunk = sign_chunk(court.north, keys, [record])
    done = court.story.alliance.submit(court.north, [chunk], reference=reference)
    assert done.accepted == 1


def kinds_of(certificates: Iterable[SignedCertificate]) -> list[str]:
    """Return the kinds of certificates in their order."""
    return [each.certificate.said.document()["kind"] for each in certificates]


def _association(court: Court) -> Organisation:
    return Organisation(
        id=ASSOCIATION,
        kind=OrganisationKind.ASSOCIATION,
        name="The association",
        uscc=None,
        created_at=court.clock(),
        closed_at=None,
    )
