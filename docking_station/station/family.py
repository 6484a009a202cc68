"""Joins the concrete things (装配): families of modules by folder, and nothing else."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any


def family(package: ModuleType, wanted: str) -> Iterator[Any]:
    """The object `wanted` of every module in a folder, in name order; a module without it fails the start."""
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        yield getattr(importlib.import_module(f"{package.__name__}.{module.name}"), wanted)
