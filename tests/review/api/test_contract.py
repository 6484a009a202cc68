"""What the API promises is written down: every operation has its marks, and nothing that was promised goes away."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.datastructures import State

from catalog.rules import acts
from catalog.rules.house_rights import Right
from catalog.rules.rights import Action
from docking_station.texts.codes import ACTIONS
from review.api.app import described, make_api, text_of
from tests.house.tree import ROOT

FILE = ROOT / "docs/openapi.json"
API = make_api(State())
WRITTEN = {"list.read"}
RIGHTS = {*Action, *Right, None}
MARKS = {"x-scope", "x-action", "x-look", "x-act"}


def operations(whole: Any) -> Iterator[tuple[str, Any]]:
    for path, every in whole["paths"].items():
        yield from ((f"{method} {path}", one) for method, one in every.items())


def removed(old: Any, new: Any, at: str = "") -> Iterator[str]:
    """What a description had and the next one lacks: addresses, methods, parameters, keys of answers."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name, one in old.items():
            if name in ("description", "summary", "default", "examples"):
                continue
            if name not in new:
                yield f"{at}/{name}"
            else:
                yield from removed(one, new[name], f"{at}/{name}")
    elif isinstance(old, list) and isinstance(new, list):
        named = {one["name"]: one for one in new if isinstance(one, dict) and "name" in one}
        for one in old:
            if isinstance(one, dict) and "name" in one:
                yield from removed(one, named.get(one["name"]), f"{at}/{one['name']}")
            elif one not in new and not at.endswith("/required"):
                yield f"{at}: {one}"
    elif old != new:
        yield f"{at}: {old} is {new}"


def test_the_description_is_the_programs_own() -> None:
    made = "python -c 'from starlette.datastructures import State as S; from review.api import app; "
    made += 'open("docs/openapi.json", "w").write(app.text_of(app.make_api(S())))\''
    assert FILE.read_text() == text_of(API), f"make it anew: {made}"


def test_nothing_is_removed() -> None:
    git = subprocess.run(["git", "show", "HEAD:docs/openapi.json"], cwd=ROOT, capture_output=True, check=False)
    if git.returncode:
        pytest.skip("there is no description of before")
    assert list(removed(json.loads(git.stdout), json.loads(FILE.read_text()))) == []


def test_what_is_removed_is_noticed() -> None:
    def without(*path: str) -> list[str]:
        new = json.loads(FILE.read_text())
        place = new
        for name in path[:-1]:
            place = place[name]
        del place[path[-1]]
        return list(removed(json.loads(FILE.read_text()), new))

    assert without("paths", "/clips") == ["/paths//clips"]
    assert without("components", "schemas", "ClipItem", "properties", "version")
    renamed = FILE.read_text().replace('"name": "officer"', '"name": "person"')
    assert list(removed(json.loads(FILE.read_text()), json.loads(renamed)))


def test_every_operation_has_its_marks_and_an_id_of_its_own() -> None:
    whole = described(API)
    found = list(operations(whole))
    assert len({one["operationId"] for _, one in found}) == len(found) > 10
    unmarked = [name for name, one in found if not one.keys() >= MARKS or not one["summary"]]
    assert unmarked == []
    signed = {value for name, value in vars(acts).items() if name.isupper() and isinstance(value, str)}
    for name, one in found:
        assert one["x-action"] in RIGHTS, name
        assert one["x-look"] is None or one["x-look"] in ACTIONS.keys() | WRITTEN, name
        assert set(one["x-act"] or ()) <= signed, name
        assert one["x-scope"] is not None or one["operationId"].startswith(("session", "sign_in")), name


def test_every_text_that_may_be_sent_is_bounded() -> None:
    def unbounded(schema: Any) -> bool:
        if schema.get("type") == "string":
            return not schema.keys() & {"maxLength", "pattern", "enum", "const", "format"}
        inner = [schema[name] for name in ("items", "additionalProperties") if isinstance(schema.get(name), dict)]
        return any(map(unbounded, (*inner, *schema.get("anyOf", ()), *schema.get("properties", {}).values())))

    whole = described(API)
    for name, one in operations(whole):
        assert [some["name"] for some in one.get("parameters", ()) if unbounded(some["schema"])] == [], name
        if "requestBody" in one:
            (content,) = one["requestBody"]["content"].values()
            body = whole["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
            assert not unbounded(body), name
            assert body["additionalProperties"] is False, name
