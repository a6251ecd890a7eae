"""Parameters and their history; figures counted from the log.

Revision 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    parameters()
    modes()
    figures()


def downgrade() -> None:
    op.drop_index("ix_jobs_failed", "jobs")
    op.drop_table("tally")
    op.drop_table("figures")
    op.drop_table("mode_changes")
    op.drop_table("parameter_changes")


def parameters() -> None:
    op.create_table(
        "parameter_changes",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("old", INTEGER, nullable=False),
        sa.Column("new", INTEGER, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("proposal", INTEGER, nullable=False),
        sa.Column("log_leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_parameter_changes"),
        sa.ForeignKeyConstraint(["proposal"], ["proposals.id"], name="fk_parameter_changes_proposal"),
        sa.UniqueConstraint("proposal", name="uq_parameter_changes_proposal"),
    )
    op.create_index("ix_parameter_changes_name_id", "parameter_changes", ["name", "id"])


def modes() -> None:
    op.create_table(
        "mode_changes",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("mode", sa.String(40), nullable=False),
        sa.Column("opinion_digest", sa.String(), nullable=False),
        sa.Column("consultation", sa.String(), nullable=False),
        sa.Column("names_amounts", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("proposal", INTEGER, nullable=False),
        sa.Column("log_leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mode_changes"),
        sa.ForeignKeyConstraint(["proposal"], ["proposals.id"], name="fk_mode_changes_proposal"),
        sa.UniqueConstraint("proposal", name="uq_mode_changes_proposal"),
    )


def figures() -> None:
    op.create_table(
        "figures",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("value", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("name", "day", "label", name="pk_figures"),
    )
    tally = op.create_table(
        "tally",
        sa.Column("id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("entry", INTEGER, nullable=False),
        sa.Column("live_records", INTEGER, nullable=True),
        sa.Column("records_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tally"),
    )
    given_up = sa.text("state = 'failed'")
    op.create_index("ix_jobs_failed", "jobs", ["id"], sqlite_where=given_up, postgresql_where=given_up)
    # The log that stands there is counted by the worker, from its beginning.
    op.bulk_insert(tally, [{"id": 1, "entry": 0}])
