"""What alembic runs: the migrations, over the connection `catalog.database` hands in."""

from alembic import context
from sqlmodel import SQLModel

from catalog import tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    user_module_prefix=f"{tables.__name__}.",
)
with context.begin_transaction():
    context.run_migrations()
