"""What became of a list, at a terminal (导入预览显示)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docking_station.terminal.output import remark, say
from docking_station.terminal.words import language, word
from docking_station.texts.imports import in_one_cell
from docking_station.texts.plain import visible

if TYPE_CHECKING:
    from docking_station.services.imports import Imported


def show_imported(found: Imported) -> None:
    """Say what each row that is not simply new would become, then how many there are of each."""
    heads, sheet = found.reading.heads, found.sheet
    how = [word("import_sheet", sheet=sheet.name)] if sheet.name else []
    how.append(sheet.encoding or "XLSX")
    if sheet.delimiter:
        how.append(word("import_delimiter", delimiter=sheet.delimiter))
    remark(visible(word("import_head", file=found.path.name, map=heads.map_name, how=word("comma").join(how))))
    if heads.unread:
        remark(visible(word("import_unread", heads="、".join(heads.unread.values()))))
    for row in found.reading.rows:
        if row.verdict not in ("new", "same", "skipped"):
            say(visible(f"{row.row}  {in_one_cell(row, language())}"))
    counts = found.reading.counts.items()
    say("  ".join(f"{word(f'import_{verdict}')} {count}" for verdict, count in counts if count))
    applied = found.applied
    if applied is None:
        remark(word("import_nothing_changed"))
    elif applied.id is None:
        remark(word("import_nothing_new"))
    else:
        remark(word("import_applied", count=len(applied.rows), id=applied.id))
    if applied is not None and any(row.verdict in ("doubtful", "refused") for row in found.reading.rows):
        remark(word("import_waits"))
