"""The opened station (采集站): settings, keys, wiring, log."""
