"""Which recorder is in which bay, and how to read it (采集设备)."""
