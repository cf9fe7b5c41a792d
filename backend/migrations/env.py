"""Alembic's entry: runs the steps on the connection and in the transaction that it is given."""

from alembic import context
from sqlmodel import SQLModel

import backend.models  # noqa: F401  fills the metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
