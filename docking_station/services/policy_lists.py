"""The lists of a policy as one Excel file, out and back (清单导出导入): a sheet a list, one more for single settings.

Shapes: what a cell held when it was written out, and holds still, leaves the text of the policy as it is, to the byte.
In a cell, several values stand one a line; yes and no are 是 and 否. The file names the SHA-256 of the
policy it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path as File
from typing import Any, get_origin

from catalog.acts.policy import digest
from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.policy_marks import marks, settled
from catalog.rules.policy_reading import Field, Problem, fields_of, row_kind
from catalog.rules.policy_rewriting import with_rows, with_value
from catalog.rules.policy_text import parsed, policy_bad, read_tables, read_whole
from catalog.rules.toml_places import Path, line_of, places, value_at
from docking_station.services.policy_cells import CHARS_MAX, Unfit, cell_text, cell_value, shown_in_cell
from docking_station.services.workbooks import FILE_BYTES_MAX, Unopened, demand_excel, opened
from docking_station.station.errors import PolicyListsUnusable, unreadable

ROWS_MAX = 5000
ABOUT, SETTINGS = "说明", "设置"
HEADS = ("项目", "说明", "内容", "待核定")
SEE_LIST, AT_END = "见清单", "文末"
MARK = "[核]"
NOTES = (
    "本文件由 evidock policy lists 导出；改好后用 evidock policy import 导回制度文件。",
    "每张表为一份清单，每行一条；可增行、删行、改行、换列序。“代码”一经使用不得更改。",
    "一格内有多个值的，每行写一个（Alt+Enter 换行）；是否填“是”“否”；“*”表示全部。",
    "“设置”表中“待核定”一列标 [核] 的，须由本局依本局规定核定；核定后删去该格即可。清单内的 [核] 在格内删去。",
    "不要使用公式，不要合并单元格，不要增删或改名工作表。",
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list of the policy: its title, its place in the file, its columns."""

    title: str
    path: Path
    columns: tuple[Field, ...]


@cache
def sheets() -> tuple[Sheet, ...]:
    """Every list there is, in the order of the policy's sections."""
    return tuple(
        Sheet(one.mark.zh, path, fields_of(row_kind(one.hint))) for path, one in _every() if row_kind(one.hint)
    )


@cache
def settings() -> Mapping[str, tuple[Path, Field]]:
    """Every single setting by its name."""
    return {".".join(map(str, path)): (path, one) for path, one in _every() if not row_kind(one.hint)}


def _every() -> Iterator[tuple[Path, Field]]:
    for section in fields_of(BureauPolicy):
        if get_origin(section.hint) is not tuple:
            yield from (((section.key, one.key), one) for one in fields_of(section.hint))
        elif section.key != section.name:
            yield (section.name, section.key), section


def write_lists(text: str, to: File) -> None:
    """Write the lists of a policy out; raises `PolicyBad`, and `PolicyListsUnusable` where the file cannot be made."""
    read_whole(text)
    try:
        book = _filled(text)
        with to.open("xb") as file:
            book.save(file)
    except FileExistsError as error:
        raise PolicyListsUnusable(path=to, what="it is there already", what_zh="该文件已存在") from error
    except OSError as error:
        raise _unusable(to, error) from error
    except (Unopened, Unfit) as error:
        raise PolicyListsUnusable(path=to, what=error.args[0], what_zh=error.args[1]) from error


def _filled(text: str) -> Any:
    """The workbook of a policy's lists."""
    demand_excel()
    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation

    read, book = parsed(text), Workbook()
    about = book.active
    about.title = ABOUT
    for note in (*NOTES, f"SHA-256 {digest(text)}"):
        about.append([note])
    _write(book.create_sheet(SETTINGS), HEADS, list(_setting_rows(text, read)))
    for sheet in sheets():
        page = book.create_sheet(sheet.title)
        _write(page, [one.mark.zh for one in sheet.columns], _list_rows(sheet, read))
        for number, one in enumerate(sheet.columns, start=1):
            _note(page.cell(1, number), one)
            if get_origin(one.hint) is not tuple and one.mark.words and not one.mark.codes:
                choice = DataValidation("list", formula1=f'"{",".join(one.mark.words)}"', allow_blank=True)
                choice.add(f"{page.cell(2, number).coordinate}:{page.cell(ROWS_MAX, number).coordinate}")
                page.add_data_validation(choice)
    return book


def setting_rows(text: str) -> list[list[Any]]:
    """The single settings of a policy: name, what is said of it, what it is, whether it is still to be checked."""
    return list(_setting_rows(text, parsed(text)))


def list_rows(text: str, sheet: Sheet) -> list[list[Any]]:
    """The rows of one list of a policy, as they stand in its Excel file."""
    return _list_rows(sheet, parsed(text))


def _list_rows(sheet: Sheet, read: Mapping[str, Any]) -> list[list[Any]]:
    rows = value_at(read, sheet.path, ())
    return [[shown_in_cell(row.get(one.key, "")) for one in sheet.columns] for row in rows]


def _write(page: Any, heads: Any, rows: Any) -> None:
    from openpyxl.styles import Alignment, Font

    for number, values in enumerate((heads, *rows), start=1):
        for column, value in enumerate(values, start=1):
            cell = page.cell(number, column, value)
            if isinstance(value, str):
                if len(value) > CHARS_MAX:
                    at, at_zh = _said(page.title, cell)
                    raise Unfit(f"{at}: longer than {CHARS_MAX} characters", f"{at_zh}：超过 {CHARS_MAX} 个字符")
                cell.data_type, cell.number_format = "s", "@"  # what begins with = is no formula, 06-30 no date
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=number == 1)
    for column in page.iter_cols(max_row=1):
        page.column_dimensions[column[0].column_letter].width = 24
    page.freeze_panes = "B2"


def _note(cell: Any, one: Field) -> None:
    """What may stand in a column, for who points at its head."""
    from openpyxl.comments import Comment

    allowed = [*one.mark.words, *(f"代码见 {name}" for name in filter(None, one.mark.codes.split("+")))]
    like = [f"例：{one.mark.like}"] if one.mark.like else []
    cell.comment = Comment("\n".join([one.key, *allowed, *like]), "evidock")


def _setting_rows(text: str, read: Mapping[str, Any]) -> Iterator[list[Any]]:
    lines, spans = text.split("\n"), places(text)
    marked = _marked(text)
    for name, (path, _) in settings().items():
        value = value_at(read, path)
        line = line_of(text, spans, path) if path in spans else None
        shown = "" if value is None else shown_in_cell(value)
        yield [name, _comment_above(lines, line), shown, MARK if name in marked else ""]
    titles = {".".join(map(str, sheet.path)): f"{SEE_LIST} {sheet.title}" for sheet in sheets()}
    for name in (name for name in marked if name not in settings()):
        line = line_of(text, spans, tuple(name.split(".")))
        yield [name, _comment_above(lines, line), titles.get(name, ""), MARK]


def _comment_above(lines: list[str], line: int | None) -> str:
    above = list[str]()
    for one in reversed(lines[: (line or 1) - 1]):
        if not one.startswith("#"):
            break
        above.insert(0, one.lstrip("# ").rstrip())
    return "\n".join(above)


def _marked(text: str) -> dict[str, set[int]]:
    """The lines of marked comments by the setting, list or section they are about; a row's count for its list."""
    found = dict[str, set[int]]()
    for one in marks(text):
        if not one.in_value:
            found.setdefault(one.about.partition(" ")[0] or AT_END, set()).add(one.line)
    return found


# ---------------------------------------------------------------------- back


@dataclass
class Lists:
    """An Excel file that was read: the policy it came from, its cells, and what in them cannot be used."""

    path: File
    sha256: str
    book: Any
    problems: list[Problem] = field(default_factory=list)
    cells: dict[Path, tuple[str, str]] = field(default_factory=dict)
    """Where a value of the policy stands in the file, in both languages."""

    def into(self, text: str) -> str:
        """The policy it came from, with what was changed; raises `PolicyBad` by sheet, row and column."""
        read, marked = parsed(text), _marked(text)
        changes, unmarked = self._settings(read, marked)
        lists = {sheet.path: self._rows(sheet, read) for sheet in sheets()}
        said = {section: dict(table) if isinstance(table, dict) else table for section, table in read.items()}
        for (section, key), value in (changes | {path: rows for path, rows in lists.items() if rows}).items():
            said.setdefault(section, {})[key] = value
        for path in (path for path, rows in lists.items() if not rows and value_at(read, path, ())):
            said[str(path[0])][path[1]] = []
        spans = places(text)
        for path in (*changes, *(path for path, rows in lists.items() if rows != list(value_at(read, path, ())))):
            is_plain = path[0] not in read or text.startswith("[", spans.get(path[:1], (len(text),))[0])
            if path not in spans and ((*path, 0) in spans or not is_plain):
                what = "it, or its section, is written as [[tables]], as { } or with dots: change it in the policy file"
                self._unfit(path, what, "制度文件中该项或其所在节写成 [[表]]、单行 { } 或点号形式，请在制度文件中修改")
        unfit = {one.path for one in self.problems}
        self.problems += (one for one in read_tables(said)[1] if one.path not in unfit)
        if self.problems:
            raise policy_bad(self.problems, lambda path: self._where(text, spans, path))
        new = settled(text, frozenset(unmarked))
        for path, value in changes.items():
            new = with_value(new, path, value)
        for path, rows in lists.items():
            new = new if rows == list(value_at(read, path, ())) else with_rows(new, path, rows)
        read_whole(new)  # raises where it became too long
        assert parsed(new) == said, "the text says what the Excel file says"
        return new

    def _where(self, text: str, spans: Any, path: Path) -> tuple[str, str]:
        known, line = path, line_of(text, spans, path)
        while known and known not in self.cells:
            known = known[:-1]
        return self.cells[known] if known else (f"line {line}", f"第 {line} 行")

    def _settings(self, read: Mapping[str, Any], marked: Mapping[str, set[int]]) -> tuple[dict[Path, Any], set[int]]:
        changes, unmarked, seen = dict[Path, Any](), set[int](), set[str]()
        for number, cells in self._table(SETTINGS, HEADS, (SETTINGS,)):
            name = self._text(cells["项目"], (SETTINGS,))
            seen.add(name)
            if name in marked and cells["待核定"].value in (None, ""):
                unmarked |= marked[name]
            if name not in settings():
                if name not in marked:
                    what, what_zh = f"row {number}: there is no setting {name!r}", f"第 {number} 行：没有设置 {name!r}"
                    self._unfit((SETTINGS,), what, what_zh)
                continue
            path, one = settings()[name]
            self.cells[path] = _said(SETTINGS, cells["内容"])
            old = value_at(read, path)
            if old is None and cells["内容"].value in (None, ""):
                continue  # it has its default
            if (found := self._value(one, cells["内容"], old, path)) != old:
                changes[path] = found
        for name in (settings().keys() | marked.keys()) - seen:
            self._unfit((SETTINGS,), f"the row {name} is missing", f"缺少 {name} 一行")
        return changes, unmarked

    def _rows(self, sheet: Sheet, read: Mapping[str, Any]) -> list[dict[str, Any]]:
        old = value_at(read, sheet.path, ())
        by_code = {row["code"]: row for row in old if "code" in row}
        rows, fit = list[dict[str, Any]](), len(self.problems)
        for _, cells in self._table(sheet.title, [one.mark.zh for one in sheet.columns], sheet.path):
            path, code = (*sheet.path, len(rows)), cells.get("代码")
            base = by_code.get(str(code.value).strip(), {}) if code is not None else {}
            row = dict[str, Any]()
            for one in sheet.columns:
                cell = cells[one.mark.zh]
                self.cells[(*path, one.key)] = _said(sheet.title, cell)
                row[one.key] = self._value(one, cell, base.get(one.key), (*path, one.key))
            self.cells[path] = _said(sheet.title, next(iter(cells.values())))
            rows.append(row)
        is_read = all(one.path != sheet.path for one in self.problems[fit:])
        return rows if is_read else list(old)

    def _value(self, one: Field, cell: Any, old: Any, path: Path) -> Any:
        try:
            if old is not None and cell.data_type not in "fe" and cell_text(cell) == str(shown_in_cell(old)).strip():
                return old
            return cell_value(one, cell)
        except Unfit as error:
            self.problems.append(Problem(path, *error.args))
            return old

    def _table(self, title: str, heads: Any, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
        """The rows of a sheet that hold anything, each a cell by its head."""
        self.cells[path] = (f"sheet {title}", f"工作表“{title}”")
        if title not in self.book.sheetnames:
            self._unfit(path, "the sheet is missing", "缺少该工作表")
            return
        page = self.book[title]
        if areas := " ".join(map(str, page.merged_cells.ranges)):
            self._unfit(path, f"the cells {areas} are merged: take them apart", f"单元格 {areas} 已合并，请拆分")
            return
        if page.max_row > ROWS_MAX:
            self._unfit(path, f"has more than {ROWS_MAX} rows", f"超过 {ROWS_MAX} 行")
            return
        found = {self._text(cell, path): cell.column for cell in page[1]}
        for head in found.keys() - {"", *heads}:
            self._unfit(path, f"there is no column {head!r}", f"没有“{head}”一列")
        missing = [head for head in heads if head not in found]
        for head in missing:
            self._unfit(path, f"the column {head!r} is missing", f"缺少“{head}”一列")
        for number in range(2, page.max_row + 1) if not missing else ():
            cells = {head: page.cell(number, found[head]) for head in heads}
            if any(str(cell.value or "").strip() for cell in cells.values()):
                yield number, cells

    def _text(self, cell: Any, path: Path) -> str:
        try:
            return cell_text(cell)
        except Unfit as error:
            self._unfit(path, *error.args)
            return ""

    def _unfit(self, path: Path, what: str, what_zh: str) -> None:
        self.problems.append(Problem(path, what, what_zh))


def read_lists(path: File) -> Lists:
    """Open an Excel file that `write_lists` made; raises `PolicyListsUnusable`."""
    try:
        with path.open("rb") as file:
            book = opened(file.read(FILE_BYTES_MAX + 1))
    except OSError as error:
        raise _unusable(path, error) from error
    except Unopened as error:
        raise PolicyListsUnusable(path=path, what=error.args[0], what_zh=error.args[1]) from error
    about = book[ABOUT].iter_rows(max_row=100, max_col=1, values_only=True) if ABOUT in book.sheetnames else ()
    said = (str(row[0]) for row in about)
    sha256 = next((line.removeprefix("SHA-256").strip() for line in said if line.startswith("SHA-256")), "")
    known = {ABOUT, SETTINGS, *(sheet.title for sheet in sheets())}
    found = Lists(path, sha256, book)
    for title in book.sheetnames:
        if title not in known:
            found.cells[title,] = (f"sheet {title}", f"工作表“{title}”")
            found.problems.append(Problem((title,), "there is no such list", "没有此清单"))
    return found


def base_of(lists: Lists, texts: Iterable[str]) -> str:
    """The policy an Excel file came from, among these; raises `PolicyListsUnusable` where it is none of them."""
    found = next((text for text in texts if digest(text) == lists.sha256), None)
    if found is None:
        what = "the policy it was written out from was changed since, or is not here: write the lists out anew"
        what_zh = "导出时所依据的制度文件此后已更改，或不在此处：请重新导出清单"
        raise PolicyListsUnusable(path=lists.path, what=what, what_zh=what_zh)
    return found


def _said(title: str, cell: Any) -> tuple[str, str]:
    return (
        f"sheet {title}, row {cell.row}, column {cell.column_letter}",
        f"工作表“{title}”第 {cell.row} 行 {cell.column_letter} 列",
    )


def _unusable(path: File, error: OSError) -> PolicyListsUnusable:
    said = unreadable(error, ("", ""))
    return PolicyListsUnusable(path=path, what=said["reason"], what_zh=said["reason"])
