"""Records that were forgotten, since when members are suspended, opened cohorts, the epoch that follows.

Revision 0004, after matches and nonces.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SAID: dict[str, sa.types.TypeEngine[Any]] = {
    "pseudonym": sa.LargeBinary(),
    "standing_key": sa.LargeBinary(),
    "product_class": sa.String(),
    "consent_digest": sa.LargeBinary(),
}
"""What a record says and always said so far."""


def upgrade() -> None:
    with records() as table:
        for name, kind in SAID.items():
            table.alter_column(name, existing_type=kind, nullable=True)
    suspensions()
    cohorts()
    successor()


def downgrade() -> None:
    op.drop_table("feed_successor")
    op.drop_table("feed_cohorts")
    op.drop_column("members", "suspended_at")
    # What was forgotten does not come back; its contract must stay known, with nothing in it.
    said = sa.table("records", *(sa.column(name, kind) for name, kind in SAID.items()))
    for column in said.c:
        nothing = "" if isinstance(column.type, sa.String) else b""
        op.execute(said.update().where(column.is_(None)).values({column: nothing}))
    with records() as table:
        for name, kind in SAID.items():
            table.alter_column(name, existing_type=kind, nullable=False)


@contextmanager
def records() -> Iterator[BatchOperations]:
    """Change `records`, which SQLite does by copying it: the flags that point to it stand aside meanwhile."""
    aside = op.get_bind().dialect.name == "sqlite"
    if aside:
        op.execute("CREATE TEMPORARY TABLE aside AS SELECT * FROM evasion_flags")
        op.execute("DELETE FROM evasion_flags")
    with op.batch_alter_table("records", table_kwargs={"sqlite_with_rowid": False}) as table:
        yield table
    if aside:
        op.execute("INSERT INTO evasion_flags SELECT * FROM aside")
        op.execute("DROP TABLE aside")


def suspensions() -> None:
    """Add where each member's suspension stands, and read it from the feed for those that are suspended."""
    place = sa.Column("suspended_at", INTEGER, nullable=True)
    op.add_column("members", place)
    said = "SELECT position, document FROM feed_entries WHERE type = 'suspension' ORDER BY position"
    note = sa.text("UPDATE members SET suspended_at = :at WHERE name = :name AND state = 'suspended'")
    for position, document in op.get_bind().execute(sa.text(said)).all():
        name = json.loads(bytes(document))["statement"]["body"]["member"]
        op.get_bind().execute(note, {"at": position, "name": name})


def cohorts() -> None:
    op.create_table(
        "feed_cohorts",
        sa.Column("custodian", INTEGER, nullable=False, autoincrement=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("position", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("custodian", "period", name="pk_feed_cohorts"),
        sa.ForeignKeyConstraint(["period"], ["feed_cuts.period"], name="fk_feed_cohorts_period"),
        sa.ForeignKeyConstraint(["position"], ["feed_entries.position"], name="fk_feed_cohorts_position"),
    )


def successor() -> None:
    op.create_table(
        "feed_successor",
        sa.Column("id", INTEGER, nullable=False, autoincrement=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("key_set", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feed_successor"),
    )
