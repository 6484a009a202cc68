"""What alembic runs: the migrations, over the connection `catalog.database` hands in."""

from alembic import context

from catalog import columns
from catalog.schema import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=True,
    user_module_prefix=f"{columns.__name__}.",
)
with context.begin_transaction():
    context.run_migrations()
