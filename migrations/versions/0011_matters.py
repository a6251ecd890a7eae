"""Matters with their lawyers, certificates, bundles and orders; and whom each match was about.

Revision 0011, after 0010. Matches that stand there are read once, so that a matter finds them.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
WORD = sa.String(40)


def upgrade() -> None:
    subjects()
    matters()
    people()
    certificates()
    bundles()


def downgrade() -> None:
    for table in (
        "matter_orders",
        "matter_bundles_received",
        "matter_bundles",
        "matter_certificates",
        "matter_views",
        "matter_lawyers",
        "matter_contracts",
        "matters",
        "match_subjects",
    ):
        op.drop_table(table)


def subjects() -> None:
    table = op.create_table(
        "match_subjects",
        sa.Column("match", INTEGER, nullable=False),
        sa.Column("place", INTEGER, nullable=False),
        sa.Column("pseudonym", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("match", "place", name="pk_match_subjects"),
        sa.ForeignKeyConstraint(
            ["match"], ["matches.id"], name="fk_match_subjects_match", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_match_subjects_pseudonym", "match_subjects", ["pseudonym"])
    connection = op.get_bind()
    ids = connection.execute(sa.text("SELECT id FROM matches ORDER BY id")).scalars().all()
    for id in ids:
        found = sa.text("SELECT request FROM matches WHERE id = :id")
        request = connection.execute(found, {"id": id}).scalar_one()
        connection.execute(table.insert(), _subjects(id, request))


def _subjects(match: int, request: Any) -> list[dict[str, Any]]:
    named = json.loads(bytes(request))["manifest"]["subjects"]
    return [
        {"match": match, "place": place, "pseudonym": urlsafe_b64decode(each + "=")}
        for place, each in enumerate(named)
    ]


def matters() -> None:
    op.create_table(
        "matters",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("pseudonym", sa.LargeBinary(), nullable=True),
        sa.Column("standing_key", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=True),
        sa.Column("agreement", sa.String(), nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.Column("law_firm", sa.String(), nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("log_leaf", sa.LargeBinary(), nullable=False),
        sa.Column("handed_out", sa.JSON(), nullable=False),
        sa.Column("forgotten_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_matters"),
        sa.UniqueConstraint("member", "reference", name="uq_matters_member_reference"),
        sa.ForeignKeyConstraint(["member"], ["members.name"], name="fk_matters_member"),
        sa.ForeignKeyConstraint(["law_firm"], ["organisations.id"], name="fk_matters_law_firm"),
    )
    op.create_index("ix_matters_until", "matters", ["until"])
    op.create_table(
        "matter_contracts",
        sa.Column("matter", INTEGER, nullable=False),
        sa.Column("contract_ref", sa.LargeBinary(), nullable=False),
        sa.Column("place", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("matter", "contract_ref", name="pk_matter_contracts"),
        sa.ForeignKeyConstraint(["matter"], ["matters.id"], name="fk_matter_contracts_matter"),
    )


def people() -> None:
    op.create_table(
        "matter_lawyers",
        sa.Column("matter", INTEGER, nullable=False),
        sa.Column("officer", INTEGER, nullable=False),
        sa.Column("appointed_at", INSTANT, nullable=False),
        sa.Column("dismissed_at", INSTANT, nullable=True),
        sa.Column("terms", sa.String(), nullable=True),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("matter", "officer", name="pk_matter_lawyers"),
        sa.ForeignKeyConstraint(["matter"], ["matters.id"], name="fk_matter_lawyers_matter"),
        sa.ForeignKeyConstraint(["officer"], ["officers.id"], name="fk_matter_lawyers_officer"),
    )
    op.create_index("ix_matter_lawyers_officer", "matter_lawyers", ["officer"])
    op.create_table(
        "matter_views",
        sa.Column("matter", INTEGER, nullable=False),
        sa.Column("officer", INTEGER, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("matter", "officer", "day", name="pk_matter_views"),
        sa.ForeignKeyConstraint(["matter"], ["matters.id"], name="fk_matter_views_matter"),
        sa.ForeignKeyConstraint(["officer"], ["officers.id"], name="fk_matter_views_officer"),
    )


def certificates() -> None:
    op.create_table(
        "matter_certificates",
        sa.Column("matter", INTEGER, nullable=False),
        sa.Column("number", INTEGER, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("position", INTEGER, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("log_leaf", sa.LargeBinary(), nullable=False),
        sa.Column("superseded_at", INSTANT, nullable=True),
        sa.Column("why", WORD, nullable=True),
        sa.PrimaryKeyConstraint("matter", "number", name="pk_matter_certificates"),
        sa.UniqueConstraint("log_leaf", name="uq_matter_certificates_log_leaf"),
        sa.ForeignKeyConstraint(["matter"], ["matters.id"], name="fk_matter_certificates_matter"),
    )
    op.create_table(
        "matter_orders",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("matter", INTEGER, nullable=False),
        sa.Column("court", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("certificate", INTEGER, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_matter_orders"),
        sa.UniqueConstraint("matter", "digest", name="uq_matter_orders_matter_digest"),
        sa.ForeignKeyConstraint(["matter"], ["matters.id"], name="fk_matter_orders_matter"),
    )


def bundles() -> None:
    op.create_table(
        "matter_bundles",
        sa.Column("matter", INTEGER, nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", INSTANT, nullable=False),
        sa.Column("certificates", sa.JSON(), nullable=False),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.Column("log_leaf", sa.LargeBinary(), nullable=False),
        sa.Column("delivered_at", INSTANT, nullable=True),
        sa.Column("delivery_leaf", sa.LargeBinary(), nullable=True),
        sa.Column("superseded_at", INSTANT, nullable=True),
        sa.Column("why", WORD, nullable=True),
        sa.PrimaryKeyConstraint("matter", "seal", name="pk_matter_bundles"),
        sa.ForeignKeyConstraint(["matter"], ["matters.id"], name="fk_matter_bundles_matter"),
    )
    op.create_table(
        "matter_bundles_received",
        sa.Column("matter", INTEGER, nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("officer", INTEGER, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("matter", "seal", "officer", name="pk_matter_bundles_received"),
        sa.ForeignKeyConstraint(["matter"], ["matters.id"], name="fk_matter_bundles_received_matter"),
        sa.ForeignKeyConstraint(["officer"], ["officers.id"], name="fk_matter_bundles_received_officer"),
    )
