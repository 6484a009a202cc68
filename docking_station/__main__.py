"""`python -m docking_station` is `evidock`."""

from docking_station.cli import main

main()
