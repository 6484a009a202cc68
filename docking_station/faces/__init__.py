"""What shows the dock: terminal, stream, lamps, labels, metrics (展示)."""
