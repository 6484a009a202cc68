"""A list or a setting of a policy is changed in its text, and everything around it stays to the byte."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.rules.policy_rewriting import toml_of, with_rows, with_value

TEXT = """\
# Above [x]
[a]
# About one.
one = 1  # beside
list = [ # head
  # first
  { code = "x", zh = "甲,}", n = [1, 2] }, # of x
  { code = "y", zh = '乙' }
  # end
]

[b]
two = true
"""
PATH = ("a", "list")
ROWS: list[dict[str, Any]] = tomllib.loads(TEXT)["a"]["list"]
NEW = {"code": "z", "zh": 'a "b" \\ 丙', "n": [3], "yes": False}
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=9)
SOME_ROWS = st.lists(
    st.sampled_from(ROWS) | st.fixed_dictionaries({"code": st.sampled_from(["x", "y", "z"]), "zh": TEXTS}), max_size=5
)


def test_the_same_rows_are_the_same_bytes() -> None:
    assert with_rows(TEXT, PATH, ROWS) == TEXT


def test_a_changed_row_keeps_its_line_its_comment_and_the_spelling_of_the_rest() -> None:
    changed = [ROWS[0] | {"n": [1, 3]}, ROWS[1]]
    assert with_rows(TEXT, PATH, changed) == TEXT.replace("n = [1, 2] }", "n = [1, 3] }").replace("'乙' }", "'乙' },")


def test_rows_come_go_and_change_places_with_what_belongs_to_them() -> None:
    text = with_rows(TEXT, PATH, [ROWS[1], NEW, ROWS[0]])
    assert text.index('"y"') < text.index('"z"') < text.index("# first") < text.index('"x"') < text.index("# of x")
    assert "# of x" not in with_rows(TEXT, PATH, [ROWS[1]])
    assert tomllib.loads(with_rows(TEXT, PATH, []))["a"]["list"] == []


@given(rows=SOME_ROWS)
@settings(deadline=None)
def test_whatever_rows_there_are_the_text_says_them_and_the_rest_stays(rows: list[dict[str, Any]]) -> None:
    text = with_rows(TEXT, PATH, rows)
    assert tomllib.loads(text) == tomllib.loads(TEXT) | {"a": {"one": 1, "list": rows}}
    assert text.startswith(TEXT[: TEXT.index("list")])
    assert text.endswith(TEXT[TEXT.index("\n[b]") :])
    assert with_rows(text, PATH, rows) == text


@given(value=st.recursive(TEXTS | st.integers() | st.booleans(), lambda one: st.lists(one, max_size=3)))
@settings(deadline=None)
def test_whatever_a_value_is_it_is_written_as_it_is_read(value: Any) -> None:
    assert tomllib.loads(f"x = {toml_of(value)}")["x"] == value


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("a", "one"), TEXT.replace("one = 1 ", "one = 5 ")),
        (("b", "three"), TEXT.replace("[b]\n", "[b]\nthree = 5\n")),
        (("c", "four"), TEXT + "\n[c]\nfour = 5\n"),
    ],
)
def test_a_setting_is_changed_or_entered_in_its_section(path: tuple[str, str], text: str) -> None:
    assert with_value(TEXT, path, 5) == text


def test_a_section_at_the_very_end_and_an_empty_text_take_a_setting_too() -> None:
    assert tomllib.loads(with_value("[b]", ("b", "x"), "y")) == {"b": {"x": "y"}}
    assert tomllib.loads(with_rows("", ("b", "list"), [NEW])) == {"b": {"list": [NEW]}}
