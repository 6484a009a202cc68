"""What the pages name is there: links, headings, files, decisions; and the nouns of the house with their Chinese."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files, packages

EXAMPLES = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^()\s]+)\)")
NAMED = re.compile(r"`((?:[\w.-]+/)*[\w-]+\.py)`")
DECISION = re.compile(r"\badr/(\d{4})\b")
SHOWN = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
OUTSIDE = re.compile(r"[a-z]+:")
HAN = re.compile(r"[\u4e00-\u9fff]")
WORDS = Path("docs/words.md")
NOUNS = Path("catalog/evidence.py")
CELLS = 4
LEANS = re.compile(
    r'"""(See (?:`|the module)|Those,? |Both,|It is\.|As (?:it is|they are)\.'
    r"|The same(?=[.,;]| (?:as|for|from|in|of|while|with)\b))"
)
# "mended" and "mending" stay where they are part of the contract: actions of the trail, keys of JSON.
HARD_ENGLISH = re.compile(r"[Nn]obody foresaw|\b[Mm]ends?\b|(?<![\w.`\"])mend(?:ed|ing)\b(?!\")|thereof|whereupon")


def pages() -> Iterator[Path]:
    """Every page for readers; decisions are never rewritten, so they may name what is gone."""
    every = files(".md")
    assert len(every) > 10
    return (path for path in every if "adr" not in path.parts and path.name != "CHANGELOG.md")


def text_of(path: Path) -> str:
    """A page without its examples."""
    return EXAMPLES.sub("", (ROOT / path).read_text())


def anchors(page: str) -> set[str]:
    """What a link can point at: headings in lower case, spaces as hyphens, a second one of a name with its number."""
    seen, found = Counter[str](), set()
    for heading in re.findall(r"^#+ (.+)$", page, re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return found


def lost(page: Path, text: str) -> Iterator[str]:
    """What a page names that is not there."""
    names = {path.name for path in files()}
    for link in LINK.findall(text):
        place, _, anchor = link.partition("#")
        target = ROOT / page.parent / place if place else ROOT / page
        if OUTSIDE.match(link):
            continue
        if not target.exists():
            yield f"{page}: {link}"
        elif anchor and anchor not in anchors(EXAMPLES.sub("", target.read_text())):
            yield f"{page}: {link}: no such heading"
    for name in NAMED.findall(text):
        if not ((ROOT / name).is_file() or (ROOT / page.parent / name).is_file() or name in names):
            yield f"{page}: {name}"
    for number in DECISION.findall(text):
        if not any((ROOT / "docs/adr").glob(f"{number}-*.md")):
            yield f"{page}: adr/{number}"


def test_what_a_page_names_is_there() -> None:
    assert [fault for page in pages() for fault in lost(page, text_of(page))] == []


def shown_by_nothing(text: str) -> Iterator[str]:
    """Tests that a page says show something, and that are not there."""
    for path, name in SHOWN.findall(text):
        source = (ROOT / path).read_text() if (ROOT / path).is_file() else ""
        if not re.search(rf"^(?:async )?def {name}\(", source, re.MULTILINE):
            yield f"{path}::{name}"


def test_every_test_that_the_page_on_security_names_is_there() -> None:
    text = text_of(Path("docs/security.md"))
    assert len(SHOWN.findall(text)) > 50
    assert list(shown_by_nothing(text)) == []
    assert list(shown_by_nothing("`tests/house/test_docs.py::test_x` `tests/x.py::rows`")) != []


@pytest.mark.parametrize(
    "text",
    [
        "[x](nowhere.md)",
        "[x](words.md#nowhere)",
        "[x](#nowhere)",
        "`ingest/nowhere.py`",
        "`nowhere.py`",
        "docs/adr/9999",
    ],
)
def test_what_is_not_there_is_noticed(text: str) -> None:
    assert len(list(lost(WORDS, text))) == 1


@pytest.mark.parametrize(
    "text",
    ["[x](architecture.md#the-walk)", "[x](../README.md)", "`ingest/walk.py`", "`walk.py`", "[x](https://x.example)"],
)
def test_what_is_there_is_no_fault(text: str) -> None:
    assert list(lost(WORDS, text)) == []


def rows() -> list[tuple[str, ...]]:
    """The rows of the list of words: the word, its Chinese, the field's term, what it is."""
    lines = (line.strip("|").split("|") for line in (ROOT / WORDS).read_text().splitlines() if line.startswith("| "))
    cells = (tuple(cell.strip(" `") for cell in line) for line in lines)
    return [row for row in cells if row[0] != "word"]


def nouns() -> dict[str, str]:
    """Every noun of the house and its Chinese, as the code says it."""
    tree = ast.parse((ROOT / NOUNS).read_text())
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    return {one.name: chinese_of(ast.get_docstring(one) or "") for one in classes}


def chinese_of(words: str) -> str:
    """What stands in the first brackets that hold Chinese."""
    return next((found for found in re.findall(r"\(([^()]+)\)", words) if HAN.search(found)), "")


def test_every_noun_is_in_the_list_of_words_with_its_chinese() -> None:
    assert len(nouns()) > 15
    assert set(nouns().items()) - {row[:2] for row in rows()} == set()


def test_every_word_stands_once_with_its_chinese_the_fields_term_and_a_meaning() -> None:
    assert [row for row in rows() if len(row) != CELLS or not all(row) or not HAN.search(row[1])] == []
    assert [word for word, count in Counter(row[0] for row in rows()).items() if count > 1] == []


def unclear(path: Path) -> Iterator[str]:
    """Docstrings that say nothing by themselves, and English a second-language reader stops at."""
    text = (ROOT / path).read_text()
    yield from (f"{path}: {found[0]}" for kind in (LEANS, HARD_ENGLISH) for found in kind.finditer(text))


def test_a_docstring_stands_alone_and_texts_are_plain() -> None:
    paths = [path for path in files(".py") if path.parts[0] in packages()]
    assert [fault for path in paths for fault in unclear(path)] == []


@pytest.mark.parametrize("text", ['"""The same."""', '"""See the module; more."""', '"""Those, and more."""'])
def test_a_docstring_that_leans_on_another_is_noticed(text: str) -> None:
    assert LEANS.search(text)
    assert not LEANS.search('"""The same person asked and confirmed."""')


def test_a_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs/adr").glob("[0-9]*.md")]
    assert len(set(numbers)) == len(numbers)
