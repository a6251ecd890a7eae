"""What an agreement's life needs beyond its versions: states, texts, templates, campaigns.

Revision 0007, after 0006. Versions that stand there are carried over: a signed one is active, the others
are on offer, and what a signed successor has replaced ends when that one begins.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
WORD = sa.String(40)

# What every version has; filled below for those that stand there already.
_FACTS: dict[str, Any] = {
    "state": WORD,
    "purposes": sa.String(),
    "wording": sa.Text(),
    "text": sa.Text(),
    "valid_from": INSTANT,
    "ends_at": INSTANT,
    "author": sa.String(),
    "drafted_at": INSTANT,
    "activates_itself": sa.Boolean(),
    "changed_at": INSTANT,
}

# What some versions have.
_EVENTS: dict[str, Any] = {
    "given_back": sa.String(),
    "reviewed_by": sa.String(),
    "reviewed_at": INSTANT,
    "activated_at": INSTANT,
    "suspended_at": INSTANT,
    "terminated_at": INSTANT,
    "terminated_by": sa.String(),
    "log_leaf": sa.LargeBinary(),
    "campaign": INTEGER,
}


def upgrade() -> None:
    campaigns()
    templates()
    for name, kind in {**_FACTS, **_EVENTS}.items():
        op.add_column("agreements", sa.Column(name, kind, nullable=True))
    carry_over()
    with op.batch_alter_table("agreements") as table:
        table.alter_column("offered_at", existing_type=INSTANT, nullable=True)
        for name, kind in _FACTS.items():
            table.alter_column(name, existing_type=kind, nullable=False)
        table.create_foreign_key("fk_agreements_campaign", "agreement_campaigns", ["campaign"], ["id"])
    op.create_index("ix_agreements_campaign", "agreements", ["campaign"])
    op.create_index("ix_agreements_state_ends_at", "agreements", ["state", "ends_at"])


def downgrade() -> None:
    """Go back to versions that are offered or signed; what no member has seen goes."""
    op.drop_index("ix_agreements_state_ends_at", "agreements")
    op.drop_index("ix_agreements_campaign", "agreements")
    op.execute("DELETE FROM agreements WHERE offered_at IS NULL")
    # Before, a signature meant that the feed states the agreement.
    op.execute("UPDATE agreements SET signature = NULL, signed_at = NULL WHERE position IS NULL")
    with op.batch_alter_table("agreements") as table:
        table.drop_constraint("fk_agreements_campaign", type_="foreignkey")
        for name in (*_EVENTS, *_FACTS):
            table.drop_column(name)
        table.alter_column("offered_at", existing_type=INSTANT, nullable=False)
    for name in ("agreement_templates", "agreement_campaign_members", "agreement_campaigns"):
        op.drop_table(name)


def campaigns() -> None:
    op.create_table(
        "agreement_campaigns",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agreement_campaigns"),
    )
    op.create_table(
        "agreement_campaign_members",
        sa.Column("campaign", INTEGER, nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("agreement", sa.String(), nullable=True),
        sa.Column("version", INTEGER, nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("campaign", "member", name="pk_agreement_campaign_members"),
        sa.ForeignKeyConstraint(
            ["campaign"], ["agreement_campaigns.id"], name="fk_agreement_campaign_members_campaign"
        ),
        sa.ForeignKeyConstraint(["member"], ["members.name"], name="fk_agreement_campaign_members_member"),
    )


def templates() -> None:
    op.create_table(
        "agreement_templates",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("says", sa.String(), nullable=False),
        sa.Column("clauses", sa.JSON(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_agreement_templates"),
    )


def carry_over() -> None:
    """Say of each version that stands there how far it has come."""
    agreements = sa.table(
        "agreements",
        *(
            sa.column(name)
            for name in ("agreement", "version", "document", "offered_at", "signed_at", "position")
        ),
        *(sa.column(name, kind) for name, kind in {**_FACTS, **_EVENTS}.items()),
    )
    connection = op.get_bind()
    rows = connection.execute(
        sa.text("SELECT agreement, version, document, offered_at, signed_at, position FROM agreements")
    ).all()
    begins = {(row.agreement, row.version): _terms(row)["valid_from"] for row in rows if row.position}
    for row in rows:
        is_row = (agreements.c.agreement == row.agreement) & (agreements.c.version == row.version)
        connection.execute(agreements.update().where(is_row).values(**_facts(row, begins)))


def _facts(row: Any, begins: dict[tuple[str, int], str]) -> dict[str, Any]:
    terms = _terms(row)
    later = (
        begin for (name, version), begin in begins.items() if name == row.agreement and version > row.version
    )
    is_active = row.position is not None
    return {
        "state": "active" if is_active else "offered",
        "purposes": _between_commas(terms["purposes"]),
        "wording": "",
        "text": "",
        "valid_from": _instant(terms["valid_from"]),
        "ends_at": min(_instant(each) for each in (terms["valid_until"], *later)),
        "author": "operator",
        "drafted_at": _aware(row.offered_at),
        "activates_itself": False,
        "changed_at": _aware(row.signed_at if is_active else row.offered_at),
        "activated_at": _aware(row.signed_at) if is_active else None,
    }


def _terms(row: Any) -> dict[str, Any]:
    terms: dict[str, Any] = json.loads(bytes(row.document))
    return terms


def _between_commas(words: Iterable[str]) -> str:
    return f",{','.join(words)},"


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _aware(value: Any) -> datetime:
    """Read an instant as the driver gives it: SQLite stores text without an offset."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
