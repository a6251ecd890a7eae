"""Complaints with their notes, reminders, samples.

Revision 0009, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
WORD = sa.String(40)


def upgrade() -> None:
    complaints()
    reminders()
    samples()


def downgrade() -> None:
    for table in (
        "samples",
        "reminder_days",
        "reminders",
        "complaint_notes",
        "complaint_misconduct",
        "complaints",
    ):
        op.drop_table(table)


def complaints() -> None:
    op.create_table(
        "complaints",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("year", INTEGER, nullable=False),
        sa.Column("sequence", INTEGER, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("channel", WORD, nullable=False),
        sa.Column("member", sa.String(), nullable=True),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("complainant", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("entered_by", INTEGER, nullable=False),
        sa.Column("officer", INTEGER, nullable=True),
        sa.Column("outcome", WORD, nullable=True),
        sa.Column("conclusion", sa.String(), nullable=True),
        sa.Column("replied_at", INSTANT, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_complaints"),
        sa.UniqueConstraint("year", "sequence", name="uq_complaints_year_sequence"),
        sa.ForeignKeyConstraint(["member"], ["members.name"], name="fk_complaints_member"),
        sa.ForeignKeyConstraint(["entered_by"], ["officers.id"], name="fk_complaints_entered_by"),
        sa.ForeignKeyConstraint(["officer"], ["officers.id"], name="fk_complaints_officer"),
    )
    op.create_index("ix_complaints_member", "complaints", ["member"])
    op.create_index("ix_complaints_agency", "complaints", ["agency"])
    op.create_index("ix_complaints_officer", "complaints", ["officer"])
    op.create_index("ix_complaints_closed_at_due_at", "complaints", ["closed_at", "due_at"])
    op.create_table(
        "complaint_misconduct",
        sa.Column("complaint", INTEGER, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.PrimaryKeyConstraint("complaint", "kind", name="pk_complaint_misconduct"),
        sa.ForeignKeyConstraint(["complaint"], ["complaints.id"], name="fk_complaint_misconduct_complaint"),
    )
    op.create_table(
        "complaint_notes",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("complaint", INTEGER, nullable=False),
        sa.Column("officer", INTEGER, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_complaint_notes"),
        sa.ForeignKeyConstraint(["complaint"], ["complaints.id"], name="fk_complaint_notes_complaint"),
        sa.ForeignKeyConstraint(["officer"], ["officers.id"], name="fk_complaint_notes_officer"),
    )
    op.create_index("ix_complaint_notes_complaint", "complaint_notes", ["complaint"])


def reminders() -> None:
    op.create_table(
        "reminders",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("topic", WORD, nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("job", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reminders"),
        sa.UniqueConstraint("day", "recipient", "topic", name="uq_reminders_day_recipient_topic"),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_reminders_job"),
    )
    op.create_table(
        "reminder_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_reminder_days"),
    )


def samples() -> None:
    op.create_table(
        "samples",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("register", WORD, nullable=False),
        sa.Column("population", INTEGER, nullable=False),
        sa.Column("population_digest", sa.LargeBinary(), nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("officer", INTEGER, nullable=False),
        sa.Column("drawn_at", INSTANT, nullable=False),
        sa.Column("log_leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_samples"),
        sa.ForeignKeyConstraint(["officer"], ["officers.id"], name="fk_samples_officer"),
    )
    op.create_index("ix_samples_officer", "samples", ["officer"])
