"""The tree over the log: numbers of its entries, stored nodes, checkpoints, cosignatures, anchors.

Revision 0010, after 0009. Entries that stand in the log already are numbered by the integrator.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
EMPTY = bytes(8)
"""The encoded frontier of no leaves."""


def upgrade() -> None:
    numbers()
    tree()
    checkpoints()


def downgrade() -> None:
    for table in ("log_anchors", "log_cosignatures", "log_checkpoints", "log_nodes", "log_tree"):
        op.drop_table(table)
    op.drop_index("ix_log_entries_waiting", "log_entries")
    op.drop_index("uq_log_entries_number", "log_entries")
    op.drop_column("log_entries", "number")


def numbers() -> None:
    op.add_column("log_entries", sa.Column("number", INTEGER, nullable=True))
    op.create_index("uq_log_entries_number", "log_entries", ["number"], unique=True)
    waiting = sa.text("number IS NULL")
    op.create_index(
        "ix_log_entries_waiting", "log_entries", ["id"], sqlite_where=waiting, postgresql_where=waiting
    )


def tree() -> None:
    tree = op.create_table(
        "log_tree",
        sa.Column("id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("size", INTEGER, nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("offered", INTEGER, nullable=True),
        sa.Column("offered_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_log_tree"),
    )
    op.bulk_insert(tree, [{"id": 1, "size": 0, "frontier": EMPTY}])
    op.create_table(
        "log_nodes",
        sa.Column("place", INTEGER, nullable=False, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_log_nodes"),
    )


def checkpoints() -> None:
    op.create_table(
        "log_checkpoints",
        sa.Column("size", INTEGER, nullable=False, autoincrement=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("custodians", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_log_checkpoints"),
    )
    op.create_table(
        "log_cosignatures",
        sa.Column("size", INTEGER, nullable=False, autoincrement=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("custodian", INTEGER, nullable=True),
        sa.Column("member", sa.String(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("size", "name", name="pk_log_cosignatures"),
        sa.ForeignKeyConstraint(["size"], ["log_checkpoints.size"], name="fk_log_cosignatures_size"),
    )
    op.create_table(
        "log_anchors",
        sa.Column("size", INTEGER, nullable=False, autoincrement=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_log_anchors"),
        sa.ForeignKeyConstraint(["size"], ["log_checkpoints.size"], name="fk_log_anchors_size"),
    )
