"""The catalog's tables, step by step: one numbered file each, forward only."""
