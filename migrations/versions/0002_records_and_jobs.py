"""Jobs; submissions with their chunks and rows; records; evasion flags.

Revision 0002, after 0001.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def whole(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, INTEGER, **{"nullable": False, "autoincrement": False, **options})


def text(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), **{"nullable": False, **options})


def octets(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), **{"nullable": False, **options})


def instant(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, INSTANT, **{"nullable": False, **options})


def day(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=False)


def upgrade() -> None:
    jobs()
    submissions()
    records()
    flags()


def downgrade() -> None:
    for table in (
        "evasion_flags",
        "records",
        "submission_rows",
        "submission_bodies",
        "submission_chunks",
        "submissions",
        "jobs",
    ):
        op.drop_table(table)


def jobs() -> None:
    op.create_table(
        "jobs",
        whole("id", autoincrement=True),
        text("kind"),
        sa.Column("key", sa.JSON(), nullable=False),
        text("state"),
        whole("attempts"),
        whole("failures"),
        instant("due_at", nullable=True),
        text("last_error", nullable=True),
        instant("created_at"),
        instant("finished_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_due_at", "jobs", ["due_at"])


def submissions() -> None:
    op.create_table(
        "submissions",
        text("id"),
        text("member"),
        text("reference"),
        text("digest"),
        day("as_of"),
        text("state"),
        whole("rows"),
        whole("accepted"),
        whole("unchanged"),
        whole("refused"),
        instant("received_at"),
        instant("done_at", nullable=True),
        whole("job"),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
        sa.UniqueConstraint("member", "reference", name="uq_submissions_member_reference"),
        sa.ForeignKeyConstraint(["member"], ["members.name"], name="fk_submissions_member"),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_submissions_job"),
    )
    op.create_table(
        "submission_chunks",
        text("submission"),
        whole("number"),
        whole("sequence"),
        whole("size"),
        text("state"),
        text("reason", nullable=True),
        whole("position", nullable=True),
        text("period", nullable=True),
        sa.PrimaryKeyConstraint("submission", "number", name="pk_submission_chunks"),
        sa.UniqueConstraint("position", name="uq_submission_chunks_position"),
        sa.ForeignKeyConstraint(["submission"], ["submissions.id"], name="fk_submission_chunks_submission"),
        sa.ForeignKeyConstraint(
            ["position"], ["feed_entries.position"], name="fk_submission_chunks_position"
        ),
    )
    op.create_table(
        "submission_bodies",
        text("submission"),
        whole("number"),
        octets("body"),
        sa.PrimaryKeyConstraint("submission", "number", name="pk_submission_bodies"),
        sa.ForeignKeyConstraint(["submission"], ["submissions.id"], name="fk_submission_bodies_submission"),
    )
    op.create_table(
        "submission_rows",
        text("submission"),
        whole("chunk"),
        whole("place"),
        octets("contract_ref"),
        text("outcome"),
        text("reason", nullable=True),
        sa.PrimaryKeyConstraint("submission", "chunk", "place", name="pk_submission_rows"),
        sa.ForeignKeyConstraint(["submission"], ["submissions.id"], name="fk_submission_rows_submission"),
    )


def records() -> None:
    op.create_table(
        "records",
        text("member"),
        octets("contract_ref"),
        octets("pseudonym"),
        octets("standing_key"),
        day("as_of"),
        text("product_class"),
        sa.Column("lost_contact", sa.Boolean()),
        octets("consent_digest"),
        octets("notice_digest", nullable=True),
        octets("content_digest"),
        octets("leaf"),
        whole("position"),
        whole("place"),
        whole("seen_at"),
        whole("live_since"),
        instant("expires_at"),
        text("state"),
        whole("ended_at", nullable=True),
        whole("member_hold", nullable=True),
        whole("secretariat_hold", nullable=True),
        sa.PrimaryKeyConstraint("member", "contract_ref", name="pk_records"),
        sa.ForeignKeyConstraint(["member"], ["members.name"], name="fk_records_member"),
        sa.ForeignKeyConstraint(["position"], ["feed_entries.position"], name="fk_records_position"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_records_pseudonym_member_state", "records", ["pseudonym", "member", "state"])


def flags() -> None:
    op.create_table(
        "evasion_flags",
        text("member"),
        octets("contract_ref"),
        octets("flag_id"),
        whole("version"),
        text("category"),
        octets("sealed"),
        sa.PrimaryKeyConstraint("member", "contract_ref", name="pk_evasion_flags"),
        sa.ForeignKeyConstraint(
            ["member", "contract_ref"],
            ["records.member", "records.contract_ref"],
            name="fk_evasion_flags_member_contract_ref",
        ),
        sqlite_with_rowid=False,
    )
