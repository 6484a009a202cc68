"""What a program reads of a value that a command prints with `--json`: the contract, whatever the value is inside."""

from __future__ import annotations

import json
from typing import Any

from docking_station.texts.plain import json_of


def as_printed(value: object) -> Any:
    """Print a value and read it again."""
    return json.loads(json.dumps(value, default=json_of))
