"""Applications with their checklists, members' files, quotas, exits.

Revision 0006, after 0005.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
WORD = sa.String(40)
UNDER_WAY = sa.text("state IN ('received', 'in_review', 'returned', 'ready')")


def upgrade() -> None:
    applications()
    members()
    exits()


def downgrade() -> None:
    for table in (
        "member_exit_certificates",
        "member_export_parts",
        "member_exits",
        "member_quota_use",
        "member_profiles",
        "application_sources",
        "application_ticks",
        "applications",
    ):
        op.drop_table(table)


def firm() -> list[sa.Column[Any]]:
    """Return the columns of what a firm says of itself."""
    return [
        sa.Column("legal_name", sa.String(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("uscc", sa.String(), nullable=False),
        sa.Column("licence_kind", WORD, nullable=False),
        sa.Column("licence_number", sa.String(), nullable=False),
        sa.Column("licence_until", sa.Date(), nullable=True),
        sa.Column("declared_portfolio", INTEGER, nullable=False),
        sa.Column("controller_uscc", sa.String(), nullable=True),
        sa.Column("contacts", sa.JSON(), nullable=False),
    ]


def applications() -> None:
    op.create_table(
        "applications",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reference", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        *firm(),
        sa.PrimaryKeyConstraint("id", name="pk_applications"),
        sa.UniqueConstraint("reference", name="uq_applications_reference"),
    )
    op.create_index(
        "uq_applications_member_open",
        "applications",
        ["member"],
        unique=True,
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )
    op.create_index("ix_applications_state_id", "applications", ["state", "id"])
    op.create_index("ix_applications_controller_uscc", "applications", ["controller_uscc"])
    op.create_table(
        "application_ticks",
        sa.Column("application", INTEGER, nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("officer", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("application", "item", name="pk_application_ticks"),
        sa.ForeignKeyConstraint(
            ["application"], ["applications.id"], name="fk_application_ticks_application"
        ),
    )
    op.create_table(
        "application_sources",
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("count", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_application_sources"),
    )


def members() -> None:
    op.create_table(
        "member_profiles",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("application", INTEGER, nullable=True),
        sa.Column("quota", INTEGER, nullable=True),
        sa.Column("admitted_at", INSTANT, nullable=False),
        *firm(),
        sa.PrimaryKeyConstraint("member", name="pk_member_profiles"),
        sa.ForeignKeyConstraint(["member"], ["members.name"], name="fk_member_profiles_member"),
        sa.ForeignKeyConstraint(["application"], ["applications.id"], name="fk_member_profiles_application"),
    )
    op.create_index("ix_member_profiles_controller_uscc", "member_profiles", ["controller_uscc"])
    op.create_table(
        "member_quota_use",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("subjects", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("member", "day", name="pk_member_quota_use"),
        sa.ForeignKeyConstraint(["member"], ["members.name"], name="fk_member_quota_use_member"),
    )


def exits() -> None:
    op.create_table(
        "member_exits",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("stage", WORD, nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("deadline_at", INSTANT, nullable=False),
        sa.Column("position", INTEGER, nullable=False),
        sa.Column("job", INTEGER, nullable=False),
        sa.Column("exported_at", INSTANT, nullable=True),
        sa.Column("export_until", INSTANT, nullable=True),
        sa.Column("export_digest", sa.LargeBinary(), nullable=True),
        sa.Column("export_size", INTEGER, nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("custodians", sa.JSON(), nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("member", name="pk_member_exits"),
        sa.ForeignKeyConstraint(["member"], ["members.name"], name="fk_member_exits_member"),
        sa.ForeignKeyConstraint(["position"], ["feed_entries.position"], name="fk_member_exits_position"),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_member_exits_job"),
    )
    op.create_table(
        "member_export_parts",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("number", INTEGER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("member", "number", name="pk_member_export_parts"),
        sa.ForeignKeyConstraint(["member"], ["member_exits.member"], name="fk_member_export_parts_member"),
    )
    op.create_table(
        "member_exit_certificates",
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("number", INTEGER, nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("member", "number", name="pk_member_exit_certificates"),
        sa.ForeignKeyConstraint(
            ["member"], ["member_exits.member"], name="fk_member_exit_certificates_member"
        ),
    )
