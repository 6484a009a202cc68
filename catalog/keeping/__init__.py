"""How evidence is kept (保管): disposals, fixity checks, damaged documents, what the storage refused."""
