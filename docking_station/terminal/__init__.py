"""What a terminal shows (终端): output, bars, tables, the wall."""
