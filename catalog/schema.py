"""The whole schema (编目结构): importing this module brings in the tables of every room."""

from __future__ import annotations

from sqlmodel import SQLModel

import catalog.acts.tables
import catalog.cases.tables
import catalog.clips.tables
import catalog.imports.tables
import catalog.keeping.tables
import catalog.people.tables
import catalog.recorders.tables
import catalog.requests.tables
import catalog.trail.tables  # noqa: F401

METADATA = SQLModel.metadata
