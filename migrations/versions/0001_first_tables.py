"""The feed, its cuts, the members, their agreements, and the log.

Revision 0001, the first.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from privacy.merkle import Frontier

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
WORD = sa.String(40)


def whole(name: str, *more: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, INTEGER, *more, **{"nullable": False, "autoincrement": False, **options})


def text(name: str, *more: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), *more, **{"nullable": False, **options})


def octets(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), **{"nullable": False, **options})


def instant(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, INSTANT, **{"nullable": False, **options})


def upgrade() -> None:
    log()
    feed()
    members()
    cuts()
    agreements()


def downgrade() -> None:
    for table in (
        "agreements",
        "feed_cut_signatures",
        "feed_cuts",
        "member_acceptances",
        "members",
        "feed_authors",
        "feed_attachments",
        "feed_entries",
        "feed_head",
        "log_entries",
    ):
        op.drop_table(table)


def log() -> None:
    op.create_table(
        "log_entries",
        whole("id", autoincrement=True),
        text("kind"),
        instant("at"),
        octets("leaf"),
        octets("salt", nullable=True),
        octets("entry", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_log_entries"),
        sa.UniqueConstraint("leaf", name="uq_log_entries_leaf"),
    )
    op.create_index("ix_log_entries_kind", "log_entries", ["kind"])


def feed() -> None:
    head = op.create_table(
        "feed_head",
        whole("id"),
        whole("position"),
        instant("stamp", nullable=True),
        octets("frontier"),
        sa.PrimaryKeyConstraint("id", name="pk_feed_head"),
    )
    # The one row that appending locks: if each appender made it on first use, two could.
    op.bulk_insert(head, [{"id": 1, "position": 0, "stamp": None, "frontier": Frontier().encode()}])
    op.create_table(
        "feed_entries",
        whole("position"),
        instant("stamp"),
        octets("salt"),
        octets("leaf"),
        text("author"),
        whole("sequence"),
        text("type"),
        octets("digest"),
        octets("log_leaf"),
        octets("document"),
        sa.PrimaryKeyConstraint("position", name="pk_feed_entries"),
        sa.UniqueConstraint("author", "sequence", name="uq_feed_entries_author_sequence"),
        sa.UniqueConstraint("digest", name="uq_feed_entries_digest"),
    )
    op.create_table(
        "feed_attachments",
        whole("position"),
        whole("size"),
        octets("records"),
        sa.PrimaryKeyConstraint("position", name="pk_feed_attachments"),
        sa.ForeignKeyConstraint(["position"], ["feed_entries.position"], name="fk_feed_attachments_position"),
    )
    op.create_table(
        "feed_authors",
        text("author"),
        whole("next_sequence"),
        octets("previous"),
        instant("signed_at"),
        sa.PrimaryKeyConstraint("author", name="pk_feed_authors"),
    )


def members() -> None:
    op.create_table(
        "members",
        text("name"),
        sa.Column("state", WORD, nullable=False),
        octets("signing"),
        octets("recovery"),
        octets("sealing"),
        text("key_id"),
        text("recovery_key_id"),
        text("control_group"),
        whole("declared_portfolio"),
        text("fingerprint"),
        instant("applied_at"),
        octets("enrolment"),
        octets("enrolment_digest", nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_members"),
        sa.UniqueConstraint("key_id", name="uq_members_key_id"),
        sa.UniqueConstraint("recovery_key_id", name="uq_members_recovery_key_id"),
        sa.UniqueConstraint("enrolment_digest", name="uq_members_enrolment_digest"),
    )
    op.create_table(
        "member_acceptances",
        text("member"),
        whole("custodian"),
        whole("position"),
        sa.PrimaryKeyConstraint("member", "custodian", name="pk_member_acceptances"),
        sa.ForeignKeyConstraint(["member"], ["members.name"], name="fk_member_acceptances_member"),
        sa.ForeignKeyConstraint(
            ["position"], ["feed_entries.position"], name="fk_member_acceptances_position"
        ),
    )


def cuts() -> None:
    op.create_table(
        "feed_cuts",
        whole("position"),
        text("period"),
        instant("stamp"),
        octets("head"),
        octets("state_digest", nullable=True),
        whole("effective_position", nullable=True),
        instant("effective_at", nullable=True),
        sa.PrimaryKeyConstraint("position", name="pk_feed_cuts"),
        sa.UniqueConstraint("period", name="uq_feed_cuts_period"),
        sa.ForeignKeyConstraint(["position"], ["feed_entries.position"], name="fk_feed_cuts_position"),
    )
    op.create_table(
        "feed_cut_signatures",
        whole("cut_position"),
        whole("custodian"),
        octets("state_digest"),
        whole("position"),
        sa.PrimaryKeyConstraint("cut_position", "custodian", name="pk_feed_cut_signatures"),
        sa.ForeignKeyConstraint(
            ["cut_position"], ["feed_cuts.position"], name="fk_feed_cut_signatures_cut_position"
        ),
        sa.ForeignKeyConstraint(
            ["position"], ["feed_entries.position"], name="fk_feed_cut_signatures_position"
        ),
    )


def agreements() -> None:
    op.create_table(
        "agreements",
        text("agreement"),
        whole("version"),
        text("member"),
        octets("document"),
        instant("offered_at"),
        text("signature", nullable=True),
        instant("signed_at", nullable=True),
        whole("position", nullable=True),
        sa.PrimaryKeyConstraint("agreement", "version", name="pk_agreements"),
        sa.ForeignKeyConstraint(["member"], ["members.name"], name="fk_agreements_member"),
        sa.ForeignKeyConstraint(["position"], ["feed_entries.position"], name="fk_agreements_position"),
    )
    op.create_index("ix_agreements_member", "agreements", ["member"])
