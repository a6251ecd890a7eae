"""Organisations, officers and their sessions; proposals; by what a log entry is found.

Revision 0005, after forgetting, cohorts and successor.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
WORD = sa.String(40)
MARKS = ("actor", "organisation", "object")


def upgrade() -> None:
    organisations()
    officers()
    credentials()
    sessions()
    proposals()
    marks()


def downgrade() -> None:
    for mark in MARKS:
        op.drop_index(f"ix_log_entries_{mark}_id", "log_entries")
        op.drop_column("log_entries", mark)
    op.drop_index("ix_log_entries_at", "log_entries")
    op.drop_index("ix_log_entries_kind_id", "log_entries")
    op.create_index("ix_log_entries_kind", "log_entries", ["kind"])
    for table in (
        "proposals",
        "login_attempts",
        "console_sessions",
        "officer_passkeys",
        "officer_recovery_codes",
        "officer_invitations",
        "officer_deputies",
        "officer_roles",
        "officers",
        "organisations",
    ):
        op.drop_table(table)


def organisations() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("uscc", sa.String(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_organisations"),
    )


def officers() -> None:
    op.create_table(
        "officers",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("staff_number", sa.String(), nullable=False),
        sa.Column("mobile", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("password", sa.String(), nullable=True),
        sa.Column("totp", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", INTEGER, nullable=True),
        sa.Column("failures", INTEGER, nullable=False),
        sa.Column("locked_until", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_officers"),
        sa.ForeignKeyConstraint(["organisation"], ["organisations.id"], name="fk_officers_organisation"),
        sa.UniqueConstraint("organisation", "staff_number", name="uq_officers_organisation_staff_number"),
        sa.UniqueConstraint("mobile", name="uq_officers_mobile"),
    )
    op.create_table(
        "officer_roles",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("officer", INTEGER, nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("until_at", INSTANT, nullable=True),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_officer_roles"),
        sa.ForeignKeyConstraint(["officer"], ["officers.id"], name="fk_officer_roles_officer"),
    )
    op.create_index("ix_officer_roles_officer", "officer_roles", ["officer"])
    op.create_table(
        "officer_deputies",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("principal", INTEGER, nullable=False),
        sa.Column("deputy", INTEGER, nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("until_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_officer_deputies"),
        sa.ForeignKeyConstraint(["principal"], ["officers.id"], name="fk_officer_deputies_principal"),
        sa.ForeignKeyConstraint(["deputy"], ["officers.id"], name="fk_officer_deputies_deputy"),
    )
    op.create_index("ix_officer_deputies_principal", "officer_deputies", ["principal"])
    op.create_index("ix_officer_deputies_deputy", "officer_deputies", ["deputy"])


def credentials() -> None:
    op.create_table(
        "officer_invitations",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("officer", INTEGER, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_officer_invitations"),
        sa.ForeignKeyConstraint(["officer"], ["officers.id"], name="fk_officer_invitations_officer"),
    )
    op.create_index("ix_officer_invitations_officer", "officer_invitations", ["officer"])
    op.create_table(
        "officer_recovery_codes",
        sa.Column("officer", INTEGER, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("officer", "digest", name="pk_officer_recovery_codes"),
        sa.ForeignKeyConstraint(["officer"], ["officers.id"], name="fk_officer_recovery_codes_officer"),
    )
    op.create_table(
        "officer_passkeys",
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("officer", INTEGER, nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", INTEGER, nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("credential", name="pk_officer_passkeys"),
        sa.ForeignKeyConstraint(["officer"], ["officers.id"], name="fk_officer_passkeys_officer"),
    )
    op.create_index("ix_officer_passkeys_officer", "officer_passkeys", ["officer"])


def sessions() -> None:
    op.create_table(
        "console_sessions",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("officer", INTEGER, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_console_sessions"),
        sa.ForeignKeyConstraint(["officer"], ["officers.id"], name="fk_console_sessions_officer"),
    )
    op.create_index("ix_console_sessions_officer", "console_sessions", ["officer"])
    op.create_table(
        "login_attempts",
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("count", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_login_attempts"),
    )


def proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("proposed_by", INTEGER, nullable=False),
        sa.Column("proposed_for", INTEGER, nullable=True),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("decided_by", INTEGER, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
        sa.ForeignKeyConstraint(["proposed_by"], ["officers.id"], name="fk_proposals_proposed_by"),
        sa.ForeignKeyConstraint(["proposed_for"], ["officers.id"], name="fk_proposals_proposed_for"),
        sa.ForeignKeyConstraint(["decided_by"], ["officers.id"], name="fk_proposals_decided_by"),
    )
    still_open = sa.text("state = 'open'")
    op.create_index(
        "uq_proposals_open",
        "proposals",
        ["kind", "object"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_index("ix_proposals_state_id", "proposals", ["state", "id"])


def marks() -> None:
    """Add by what an entry is found, and read it from the entries that stand there."""
    for mark in MARKS:
        op.add_column("log_entries", sa.Column(mark, sa.String(), nullable=True))
        op.create_index(f"ix_log_entries_{mark}_id", "log_entries", [mark, "id"])
    op.drop_index("ix_log_entries_kind", "log_entries")
    op.create_index("ix_log_entries_kind_id", "log_entries", ["kind", "id"])
    op.create_index("ix_log_entries_at", "log_entries", ["at"])
    found = sa.text(
        "UPDATE log_entries SET actor = :actor, organisation = :organisation, object = :object WHERE id = :id"
    )
    written = (
        op.get_bind().execute(sa.text("SELECT id, entry FROM log_entries WHERE entry IS NOT NULL")).all()
    )
    for id, entry in written:
        op.get_bind().execute(found, {"id": id, **_marks(json.loads(bytes(entry)))})


def _marks(entry: dict[str, object]) -> dict[str, str | None]:
    """What entries of the first four revisions say; later ones bring their marks with them."""
    member, author = entry.get("member"), str(entry.get("author") or "")
    name = author.removeprefix("member/") if author.startswith("member/") else None
    object = next(
        (f"{kind}/{entry[kind]}" for kind in ("agreement", "submission", "member") if entry.get(kind)), None
    )
    return {
        "actor": author or (f"member/{member}" if member else None),
        "organisation": str(member) if member else name,
        "object": object,
    }
