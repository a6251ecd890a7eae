"""Matches with their answers, match jobs, and the requests that were seen.

Revision 0003, after records and jobs.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
WORD = sa.String(40)


def whole(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, INTEGER, **{"nullable": False, "autoincrement": False, **options})


def text(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), **{"nullable": False, **options})


def octets(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), **{"nullable": False, **options})


def instant(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, INSTANT, **{"nullable": False, **options})


def points_to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def upgrade() -> None:
    nonces()
    matches()
    match_jobs()


def downgrade() -> None:
    for table in ("match_job_items", "match_jobs", "match_openings", "matches", "nonces"):
        op.drop_table(table)


def nonces() -> None:
    op.create_table(
        "nonces",
        text("key_id"),
        text("nonce"),
        instant("expires_at"),
        sa.PrimaryKeyConstraint("key_id", "nonce", name="pk_nonces"),
    )
    op.create_index("ix_nonces_expires_at", "nonces", ["expires_at"])


def matches() -> None:
    op.create_table(
        "matches",
        whole("id", autoincrement=True),
        text("member"),
        text("request_id"),
        octets("digest"),
        sa.Column("state", WORD, nullable=False),
        whole("position"),
        sa.Column("opens", sa.Boolean(), nullable=False),
        octets("log_leaf"),
        instant("decided_at"),
        instant("answered_at", nullable=True),
        octets("request"),
        octets("decision"),
        octets("subjects"),
        octets("answer", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_matches"),
        sa.UniqueConstraint("member", "request_id", name="uq_matches_member_request_id"),
        points_to("matches", "member", "members.name"),
    )
    op.create_table(
        "match_openings",
        whole("match"),
        whole("custodian"),
        octets("opening"),
        sa.PrimaryKeyConstraint("match", "custodian", name="pk_match_openings"),
        points_to("match_openings", "match", "matches.id"),
    )


def match_jobs() -> None:
    op.create_table(
        "match_jobs",
        text("id"),
        text("member"),
        text("reference"),
        text("digest"),
        whole("manifests"),
        text("signature_base"),
        text("signature"),
        instant("received_at"),
        sa.PrimaryKeyConstraint("id", name="pk_match_jobs"),
        sa.UniqueConstraint("member", "reference", name="uq_match_jobs_member_reference"),
        points_to("match_jobs", "member", "members.name"),
    )
    op.create_table(
        "match_job_items",
        text("job"),
        whole("number"),
        text("request_id"),
        sa.Column("state", WORD, nullable=False),
        whole("match", nullable=True),
        octets("refusal", nullable=True),
        whole("work"),
        octets("request"),
        sa.PrimaryKeyConstraint("job", "number", name="pk_match_job_items"),
        points_to("match_job_items", "job", "match_jobs.id"),
        points_to("match_job_items", "match", "matches.id"),
        points_to("match_job_items", "work", "jobs.id"),
    )
