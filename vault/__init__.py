"""Immutable storage: what is in stays in, until its day (保全库)."""
