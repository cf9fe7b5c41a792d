"""Run Alembic's steps on the connection, and in the transaction, that it is given."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    render_as_batch=True,
    transactional_ddl=True,
    transaction_per_migration=False,
    on_version_apply=context.config.attributes.get("note"),
)
context.run_migrations()
