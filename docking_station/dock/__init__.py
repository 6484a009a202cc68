"""The dock: what lives for months and takes recorders in (采集站守护程序)."""
