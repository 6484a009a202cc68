"""One clip from recorder to receipt (采集)."""
