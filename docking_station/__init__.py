"""The program: settings, wiring, commands (采集工作站)."""
