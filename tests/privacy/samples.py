"""One of each message, made from keys that everybody can read: what the tests and the stored vectors share.

Alliance and members have Chinese names, as they really have; nothing here is anybody's.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache

from privacy import sealing, statements
from privacy.ceremony import AssociationCard, CustodianCard, Dealt, deal
from privacy.encoding import b64
from privacy.feed import FeedEntry, Head
from privacy.keyset import KeySet, Policy, SignedKeySet, sign_key_set
from privacy.matching import Manifest
from privacy.receipts import CohortReceipt, Deletion, Opened
from privacy.records import Flag, PrivateRest, Record
from privacy.signing import SigningKey
from privacy.statements import AnyBody, SignedStatement, sign_statement
from privacy.terms import Handling, Party, Roles, Terms, sign_terms, text_digest
from privacy.vocabulary import Category, Purpose
from tests.privacy.paillier_keys import SMALL

ALLIANCE = "资产管理联盟"
SOUTH = "南方小贷"
EPOCH = 1
AT = datetime(2026, 10, 31, 4, 0, 0, tzinfo=UTC)
COST = sealing.ScryptCost(log_n=10)


def seed(name: str) -> bytes:
    """Return the 32 bytes from which the test key of this name is made."""
    return hashlib.sha256(name.encode()).digest()


def key(name: str) -> SigningKey:
    """Return the test signing key of this name."""
    return SigningKey(seed(name))


def text(name: str, size: int = 32) -> str:
    """Return `size` fixed bytes that mean nothing, as base64url."""
    return b64(hashlib.shake_256(name.encode()).digest(size))


# Statements: by type, the author, its key, and what it says.

TERMS = Terms(
    agreement="数据共享协议",
    version=1,
    member=SOUTH,
    association_party=Party("北方互联网金融协会", "51000000MJ0000001E", "社会团体法人登记证书 000001"),
    member_party=Party("南方小额贷款有限公司", "91000000MA0000001R", "小额贷款经营许可证 000001"),
    roles=Roles(Handling.PROVIDER, Handling.RECIPIENT, Handling.JOINT, Handling.ENTRUSTED),
    purposes=(Purpose.POST_LOAN_MANAGEMENT, Purpose.LITIGATION),
    contributes=(Category.EXPOSURE, Category.REACHABILITY, Category.FLAGS),
    receives=(Category.EXPOSURE, Category.REACHABILITY),
    min_contributors=3,
    subjects_per_day=50_000,
    subjects_per_request=10_000,
    retention_days=365,
    consent_version="2026-1",
    dispute_days=15,
    incident_hours=24,
    audit_right=True,
    sub_processing=False,
    exit_days=30,
    notice_days=60,
    valid_from="2026-11-01T00:00:00Z",
    valid_until="2027-11-01T00:00:00Z",
    text=text_digest("数据共享协议\n"),
)

RECORD = Record(
    pseudonym=text("pseudonym"),
    epoch=EPOCH,
    standing_key=b64(key("standing").public),
    contract_ref=text("contract"),
    as_of="2026-10-31",
    contribution=text("contribution", 256),
    private_digest=text("private"),
)

PRIVATE = PrivateRest(
    product_class="cash_loan",
    lost_contact=True,
    consent_digest=text("consent"),
    notice_digest=None,
    flag=Flag(id=text("flag"), version=1, category="absconded", sealed=text("narrative", 40)),
)

PROOF = statements.KnowledgeProof(
    a=text("proof/a", 256), z_m=text("proof/z_m", 128), z_r=text("proof/z_r", 114)
)
"""As long as a real one, and none."""

_KEYS = {
    "signing": b64(key("south/signing").public),
    "recovery": b64(key("south/recovery").public),
    "sealing": text("south/sealing"),
}
_MEMBER = statements.member_author(SOUTH)
_CONTRACT = {"member": SOUTH, "contract_ref": RECORD.contract_ref}

BODIES: dict[str, tuple[str, str, AnyBody]] = {
    "enrolment": (
        _MEMBER,
        "south/signing",
        statements.Enrolment(member=SOUTH, control_group="南方集团", declared_portfolio=250_000, **_KEYS),
    ),
    "acceptance": (
        statements.custodian_author(2),
        "witness/2",
        statements.Acceptance(enrolment=text("enrolment")),
    ),
    "rotation": (_MEMBER, "south/recovery", statements.Rotation(**_KEYS | {"sealing": text("sealing/2")})),
    "suspension": (statements.SECRETARIAT, "secretariat", statements.Suspension(member=SOUTH)),
    "resumption": (statements.SECRETARIAT, "secretariat", statements.Resumption(member=SOUTH)),
    "agreement": (
        statements.SECRETARIAT,
        "secretariat",
        statements.Agreement(terms=TERMS, member_signature=sign_terms(key("south/signing"), TERMS)),
    ),
    "chunk": (
        _MEMBER,
        "south/signing",
        statements.Chunk(key_set=text("key-set"), root=b64(RECORD.leaf()), size=1, proof=PROOF),
    ),
    "settlement": (
        _MEMBER,
        "south/signing",
        statements.Settlement(contract_ref=RECORD.contract_ref),
    ),
    "withdrawal": (
        _MEMBER,
        "south/signing",
        statements.Withdrawal(contract_ref=RECORD.contract_ref),
    ),
    "hold": (statements.SECRETARIAT, "secretariat", statements.Hold(**_CONTRACT)),
    "release": (statements.SECRETARIAT, "secretariat", statements.Release(**_CONTRACT)),
    "cut": (statements.HUB, "hub", statements.Cut(period="2026-11")),
    "cut_signature": (
        statements.custodian_author(2),
        "witness/2",
        statements.CutSignature(period="2026-11", position=41, head=text("head"), state_digest=text("state")),
    ),
    "cohorts": (
        statements.custodian_author(2),
        "witness/2",
        statements.Cohorts(period="2026-10", root=text("cohorts"), size=3),
    ),
}


def signed(name: str) -> SignedStatement:
    """Return the sample statement of this type as its author's fourth, or an enrolment as the first."""
    author, signer, body = BODIES[name]
    first = name == "enrolment"
    statement = sign_statement(
        key(signer),
        body,
        alliance=ALLIANCE,
        epoch=EPOCH,
        author=author,
        sequence=0 if first else 3,
        previous=None if first else seed("previous"),
        signed_at=AT,
    )
    return statements.countersign(statement, key("secretariat")) if first else statement


def entry(name: str = "chunk") -> FeedEntry:
    """Return the sample statement at a position of the feed."""
    return FeedEntry(
        position=41,
        stamp="2026-10-31T04:00:05Z",
        salt=text("feed salt"),
        statement=signed(name),
        records=(RECORD,) if name == "chunk" else None,
    )


HEAD = Head(alliance=ALLIANCE, epoch=EPOCH, position=41, head=text("head"), at="2026-10-31T04:01:00Z")

RECEIPT = CohortReceipt(
    alliance=ALLIANCE,
    epoch=EPOCH,
    custodian=2,
    period="2026-10",
    member=SOUTH,
    records=(
        Opened(contract_ref=text("another contract"), openings=1),
        Opened(contract_ref=RECORD.contract_ref, openings=2),
    ),
)

DELETION = Deletion(
    alliance=ALLIANCE,
    epoch=EPOCH,
    custodian=2,
    member=SOUTH,
    period="2026-11",
    position=44,
    size=2,
    root=text("deleted"),
)

MANIFEST = Manifest(
    alliance=ALLIANCE,
    epoch=EPOCH,
    key_set=text("key-set"),
    request_id="south-2026-11-0001",
    member=SOUTH,
    agreement=TERMS.agreement,
    purpose="post_loan_management",
    case="(2026) 第 7 批",
    period="2026-11",
    requested_at="2026-11-02T01:02:03Z",
    unpacked=False,
    subjects=(text("pseudonym"), text("another pseudonym")),
)


# A ceremony with small primes that everybody can read.

SEALING = {index: sealing.SealingKey(seed(f"sealing/{index}")) for index in (1, 2, 3)}
ASSOCIATION = AssociationCard(
    alliance=ALLIANCE, hub=b64(key("hub").public), secretariat=b64(key("secretariat").public)
)
CARDS = [
    CustodianCard(
        name=f"公证处 {index}", witness=b64(key(f"witness/{index}").public), sealing=b64(own.public)
    )
    for index, own in SEALING.items()
]


def hold_ceremony(policy: Policy | None = None, *, threshold: int = 2) -> Dealt:
    """Deal small keys to three custodians."""
    policy = policy or Policy.for_synthetic_data()
    return deal(CARDS, ASSOCIATION, threshold=threshold, policy=policy, safe_primes=lambda bits: SMALL)


@cache
def dealt() -> Dealt:
    """Return one ceremony's result, the same for all tests of a run."""
    return hold_ceremony()


def sign_by_all(key_set: KeySet) -> SignedKeySet:
    """Return the key set with the signatures of all three custodians, whatever it says."""
    signatures = tuple(sign_key_set(key(f"witness/{index}"), key_set) for index in SEALING)
    return SignedKeySet(key_set=key_set, signatures=signatures)
