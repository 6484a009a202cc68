"""Scripts and styles run in the browsers of offices (浏览器下限): Chromium 109, the last one for Windows 7.

What came later and fails there is listed with its version; what such a browser only ignores (`scrollbar-width`) is not.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from review.libraries import Libraries
from tests.house.tree import ROOT

STATIC = ROOT / "review/static"
SCRIPT_BYTES_MAX, STYLE_BYTES_MAX = 60_000, 20_000
"""Of all desks together, as sent: gzip."""
REM_PX, TEXT_PX_MIN = 16, 14

LATER_SCRIPT = {
    r"\.(?:toSorted|toReversed|toSpliced)\(": 110,
    r"\.(?:isWellFormed|toWellFormed)\(": 111,
    r"\bstartViewTransition\b": 111,
    r"\b(?:popover|showPopover|togglePopover|hidePopover)\b": 114,
    r"\bAbortSignal\.any\(": 116,
    r"\b(?:Object|Map)\.groupBy\(": 117,
    r"\bPromise\.withResolvers\(": 119,
    r"\bURL\.(?:canParse|parse)\(": 120,
    r"\bArray\.fromAsync\(": 121,
    r"\.(?:union|intersection|difference|symmetricDifference|isSubsetOf|isSupersetOf|isDisjointFrom)\(": 122,
    r"\bIterator\.|\.(?:values|keys|entries)\(\)\.(?:map|filter|take|drop|toArray|some|every|find)\(": 122,
    r"\.(?:setHTMLUnsafe|getHTML)\(": 124,
    r"\bPromise\.try\(": 128,
    r"\bclosedBy\b|\.requestClose\(|\bRegExp\.escape\(|^\s*(?:await )?using ": 134,
}
LATER_STYLE = {
    r"\bcolor-mix\(|@container style\(": 111,
    r"(?<![\w-])text-wrap:|:popover-open": 114,
    r"(?<![\w-])animation-timeline:": 115,
    r"@starting-style|\bsubgrid\b|(?<![\w-])(?:overlay|transition-behavior):|\ballow-discrete\b": 117,
    r"@scope": 118,
    r":user-(?:in)?valid": 119,
    r":dir\(": 120,
    r"\blight-dark\(": 123,
    r"\bfield-sizing:": 123,
    r"(?<![\w-])(?:anchor-name|position-anchor|position-area|position-try):|\banchor\(": 125,
    r"\bcalc-size\(|\binterpolate-size\b": 129,
}
PIECE = re.compile(r"([^{};]*)([{};])")
SIZE = re.compile(r"(?<![\w-])font(?:-size)?:([^;}/]+)")
PX = {"px": 1, "rem": REM_PX, "em": TEXT_PX_MIN}
"""What a unit of length is; `em` may be in a text of the smallest size."""


def sources(kind: str) -> Mapping[str, str]:
    """Our scripts or styles by their names, without what is said in them."""
    found = {path.name: path.read_text(encoding="utf-8") for path in STATIC.glob(f"*.{kind}")}
    assert found
    return {name: re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL) for name, text in found.items()}


def later(text: str, table: Mapping[str, int]) -> list[tuple[str, int]]:
    """What of a table stands in a source."""
    hits = ((re.search(pattern, text, re.MULTILINE), since) for pattern, since in table.items())
    return [(hit[0], since) for hit, since in hits if hit is not None]


def nested(style: str) -> str | None:
    """The first rule within a rule (112): what stands in an `@media` is none."""
    around = list[str]()
    for said, mark in PIECE.findall(style):
        if mark == "{":
            if around and not around[-1].startswith("@"):
                return str(said).strip()
            around.append(said.strip())
        elif mark == "}":
            around.pop()
    return None


def sizes(style: str, tokens: Mapping[str, str]) -> Iterable[tuple[str, float]]:
    """Each size of text in a style, in px at the plain size; 0 hides a word on purpose."""
    for said in SIZE.findall(style):
        value = re.sub(r"var\((--f\d)\)", lambda name: tokens[name[1]], said)
        if numbers := re.findall(r"([\d.]+)(rem|em|px)\b", value):
            yield said.strip(), max(float(number) * PX[unit] for number, unit in numbers)


def compressed(paths: Iterable[Path]) -> int:
    """How many bytes are sent of these."""
    return sum(len(gzip.compress(path.read_bytes())) for path in paths)


def test_nothing_is_asked_of_a_browser_that_came_later() -> None:
    scripts, styles = sources("js"), sources("css")
    found = {name: hits for name, text in scripts.items() if (hits := later(text, LATER_SCRIPT))}
    found |= {name: hits for name, text in styles.items() if (hits := later(text, LATER_STYLE))}
    assert found == {}
    assert {name: rule for name, text in styles.items() if (rule := nested(text)) is not None} == {}


@pytest.mark.parametrize(
    "style",
    [".a { .b { color: red; } }", ".a { color: red; &:hover { color: blue; } }", "@media print { .a { p { b: c } } }"],
)
def test_a_rule_within_a_rule_is_found(style: str) -> None:
    assert nested(style) is not None


def test_what_came_later_is_found() -> None:
    script, style = "const a = [2, 1].toSorted();", ".a:user-invalid { text-wrap: balance; }"
    assert later(script, LATER_SCRIPT) == [(".toSorted(", 110)]
    assert [since for _, since in later(style, LATER_STYLE)] == [114, 119]


def test_scripts_and_styles_of_all_desks_are_small() -> None:
    scripts = compressed([*STATIC.glob("*.js"), *Libraries().scripts.values()])
    assert (scripts <= SCRIPT_BYTES_MAX, scripts) == (True, scripts)
    styles = compressed(STATIC.glob("*.css"))
    assert (styles <= STYLE_BYTES_MAX, styles) == (True, styles)


def test_no_text_is_smaller_than_fourteen_pixels() -> None:
    styles = sources("css")
    tokens = dict(re.findall(r"(--f\d):\s*([^;]+);", styles["tokens.css"]))
    assert tokens
    assert {value for value in tokens.values() if float(value.removesuffix("rem")) * REM_PX < TEXT_PX_MIN} == set()
    every = [(name, *one) for name, text in styles.items() for one in sizes(text, tokens)]
    assert len(every) > len(tokens)
    assert [one for one in every if one[2] < TEXT_PX_MIN] == []
