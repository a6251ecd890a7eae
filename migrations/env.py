"""Alembic's way in: `alliance_hub.schema` hands in the connection and runs the steps in its transaction."""

from alembic import context

from alliance_hub import schema

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=schema.metadata(),
    # SQLite changes a table by copying it.
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
