"""Codes as a person reads them, on the screen and in the report: none is without a word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import pytest

import catalog
from catalog.acts.dispatch import APPLIES
from catalog.evidence import Kind
from catalog.rules import rights
from catalog.rules.house_rights import Right
from docking_station.terminal import clip
from docking_station.texts.codes import ACTIONS, KINDS, LINKS, REFERS_TO, SOURCES
from docking_station.texts.rights import RIGHTS, RULES
from media.capture_time import _ORDER

ROOT = Path(catalog.__file__).parents[1]
ACTION = re.compile(r'"((?:card|case|clip|key|original|policy|recorder|trail)\.[a-z-]+)"')


def test_every_action_kind_and_source_has_a_word() -> None:
    files = [path for folder in ("catalog", "ingest", "docking_station") for path in (ROOT / folder).rglob("*.py")]
    actions = {action for path in files for action in ACTION.findall(path.read_text())}
    assert len(actions) > 20
    assert actions - {str(right) for right in Right} | set(APPLIES) <= set(ACTIONS)
    assert set(get_args(Kind)) == set(KINDS)
    assert set(_ORDER) <= set(SOURCES)


def test_every_right_and_every_rule_that_refuses_has_a_chinese_word() -> None:
    assert set(RIGHTS) == {*rights.Action, *Right, "request", "sign-in"}
    assert set(RULES) == {f"access.{code}" for code in ("conflict", *rights.BEST[3:], *rights.WORST)} - {
        rights.UNSEEN.code
    }


@pytest.mark.parametrize("words", [ACTIONS, KINDS, SOURCES, LINKS, REFERS_TO])
def test_a_code_is_shown_in_the_language_of_the_run(
    words: Mapping[str, tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for code, (_, chinese) in words.items():
        monkeypatch.setattr(clip, "language", lambda: "zh")
        assert clip.coded(words, code) == chinese
        monkeypatch.setattr(clip, "language", lambda: "en")
        assert clip.coded(words, code) == code
    monkeypatch.setattr(clip, "language", lambda: "zh")
    assert clip.coded(words, "of another version") == "of another version"
