"""Erasing what is proven on a docked card (清除)."""
