"""Every operation as openapi.json describes it: looks are on the trail before a byte, and nothing else is answered.

What is sent follows from the description: values it allows and such as it forbids. No answer is a
fault, each is one that is described, and says what its schema says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from starlette.datastructures import State
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from catalog.trail import trail
from docking_station.station.station import Station
from review.api.app import described, make_api
from tests.catalog import schema
from tests.fakes.people import caller
from tests.review.api.conftest import ROOT, by_token, signed_in

WHOLE = described(make_api(State()))
OPERATIONS = [(method, path, one) for path, every in WHOLE["paths"].items() for method, one in every.items()]
LOOKS = [(method, path) for method, path, one in OPERATIONS if one["x-look"] and one["x-scope"] != "person"]
"""What a token looks at; what a person alone does is asked in test_exports."""
VALIDATED = {"type": ["integer", "number"]}
WORDS = ("x", "A 1", "中文", "a b", "'", "%", "\\", "0" * 12)
ODD = ("", "x" * 5000, "\x00", "\ud800", "../..", "-1", "1e9", "null", "中" * 300)


class Watched:
    """An application, and how many lines the trail had when the first byte of each answer came."""

    def __init__(self, app: ASGIApp, station: Station) -> None:
        self._app, self._station, self.sizes = app, station, list[int]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.sizes.append(trail.size(self._station.database))
            await send(message)

        await self._app(scope, receive, sent)


@contextmanager
def closed_trail(station: Station) -> Iterator[None]:
    """No line can be written meanwhile."""
    with station.database.engine().begin() as connection:
        connection.execute(
            text("CREATE TRIGGER closed BEFORE INSERT ON trail BEGIN SELECT RAISE(ABORT, 'closed'); END")
        )
    try:
        yield
    finally:
        with station.database.engine().begin() as connection:
            connection.execute(text("DROP TRIGGER closed"))


@pytest.mark.parametrize(("method", "path"), LOOKS)
def test_a_look_is_on_the_trail_before_its_first_byte_and_is_none_without(
    bureau: Station, footage: str, method: str, path: str
) -> None:
    client = by_token(bureau, caller("0105"))
    watched = Watched(client.app, bureau)
    client = TestClient(watched, headers=dict(client.headers), base_url=str(client.base_url))
    address = ROOT + path.replace("{clip}", footage)
    body: Any = {} if method == "post" else None
    size = trail.size(bureau.database)
    assert client.request(method, address, json=body).is_success
    assert watched.sizes == [size + 1]
    with closed_trail(bureau):
        refused = client.request(method, address, json=body)
    assert (refused.status_code, refused.json()["code"]) == (503, "catalog.unreachable")
    assert refused.headers["retry-after"]
    assert footage not in refused.text.replace(address, "")


def values(of: Any, names: dict[str, str], name: str) -> st.SearchStrategy[Any]:
    """What a schema allows."""
    if "$ref" in of:
        return values(WHOLE["components"]["schemas"][of["$ref"].rpartition("/")[2]], names, name)
    if "anyOf" in of:
        return st.one_of(*(values(one, names, name) for one in of["anyOf"]))
    if "enum" in of or "const" in of:
        return st.sampled_from(of.get("enum", [of.get("const")]))
    if of.get("type") == "object":
        return _objects(of, names)
    if of.get("type") == "array":
        return st.lists(values(of["items"], names, name), min_size=of.get("minItems", 0), max_size=2)
    low, high = of.get("minimum", 0), min(of.get("maximum", 9), 10**6)
    plain: dict[str, st.SearchStrategy[Any]] = {"boolean": st.booleans(), "null": st.none()}
    plain |= {"integer": st.integers(low, high), "number": st.floats(low, high)}
    return plain[of["type"]] if of.get("type") in plain else _texts(of, names, name)


def _objects(of: Any, names: dict[str, str]) -> st.SearchStrategy[Any]:
    every = {name: values(one, names, name) for name, one in of.get("properties", {}).items()}
    required = {name: every.pop(name) for name in of.get("required", ())}
    return st.fixed_dictionaries(required, optional=every)


def _texts(of: Any, names: dict[str, str], name: str) -> st.SearchStrategy[str]:
    if of.get("format") == "date-time":
        return st.sampled_from(("2026-03-05T09:00:00+08:00", "1969-01-01T00:00:00Z", "9999-12-31T23:59:59Z"))
    fits = re.compile(of.get("pattern", "")).search
    known = [one for one in (*names.values(), *WORDS) if fits(one) and of.get("minLength", 0) <= len(one)]
    drawn = (
        st.from_regex(of["pattern"], fullmatch=True) if "pattern" in of else st.text(max_size=of.get("maxLength", 9))
    )
    return st.one_of(*[st.sampled_from(known)] * 4, drawn) if known else drawn


@st.composite
def requests(draw: st.DrawFn, names: dict[str, str]) -> tuple[str, str, Any, dict[str, Any]]:
    """A request to an operation: mostly of the form it describes."""
    method, path, one = draw(st.sampled_from(OPERATIONS))
    sent: dict[str, Any] = {"params": {}, "headers": {}}
    for parameter in one.get("parameters", ()):
        name, is_odd = parameter["name"], draw(st.integers(0, 15)) == 0
        if not parameter["required"] and draw(st.integers(0, 9 if name == "after" else 1)):
            continue  # a page that nobody gave out is soon told
        value = draw(st.sampled_from(ODD)) if is_odd else draw(values(parameter["schema"], names, name))
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", _quoted(value) or "x")
        elif parameter["in"] == "query":
            sent["params"][name] = [_quotable(each) for each in value] if isinstance(value, list) else _quotable(value)
        else:
            sent["headers"][name] = re.sub(r"[^ -~]", "?", str(value))
    if "requestBody" in one:
        (content,) = one["requestBody"]["content"].values()
        body = values(content["schema"], names, "")
        sent["json"] = draw(st.one_of(body, body, body, st.sampled_from(({}, [], "x", None, {"x": 1}))))
    return method, path, one, sent


def _quotable(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value).encode("utf-8", "replace").decode()


def _quoted(value: Any) -> str:
    return quote(_quotable(value), safe="")


def faults(client: TestClient, request: tuple[str, str, Any, dict[str, Any]]) -> Iterator[str]:
    """What is wrong with an answer."""
    method, path, one, sent = request
    answer = client.request(method, ROOT + path, **sent)
    status, kind = str(int(answer.status_code)), answer.headers.get("content-type", "")
    if answer.status_code >= 500:
        yield f"{status}: {answer.text[:300]}"
    elif answer.status_code >= 400:
        problem = schema_of({"$ref": "#/components/schemas/Problem"})
        yield from () if kind == "application/problem+json" else (f"{status} as {kind}",)
        yield from schema.faults(answer.json(), problem)
    elif status not in one["responses"]:
        yield f"{status} is not described"
    elif content := one["responses"][status].get("content", {}).get("application/json"):
        yield from schema.faults(answer.json(), schema_of(content["schema"]))


def schema_of(one: Any) -> Any:
    """A schema as tests/catalog/schema.py reads it, with all that it names."""
    return _plain(one) | {"$defs": _plain(WHOLE["components"]["schemas"])}


def _plain(one: Any) -> Any:
    if isinstance(one, list):
        return [_plain(each) for each in one]
    if not isinstance(one, dict):
        return one
    if "$ref" in one:
        return {"$ref": one["$ref"].replace("#/components/schemas/", "#/$defs/")}
    is_names = not one.keys() & schema.KNOWN or all(isinstance(each, dict) for each in one.values())
    kept = {name: _plain(each) for name, each in one.items() if is_names or name in schema.KNOWN}
    return kept | VALIDATED if kept.get("type") == "number" else kept


def sound(bureau: Station, footage: str, count: int, seed: int | None = None) -> None:
    """Send so many requests, by a program and two people, and demand that nothing is wrong."""
    names = {"clip": footage, "nowhere": "c" + "a" * 20, "no": "R2026-0001", "look": "0" * 32}
    clients = {name: signed_in(bureau, name) for name in ("keeper", "deputy")} | {"": by_token(bureau, caller("0101"))}

    @settings(max_examples=count, derandomize=seed is None, database=None, suppress_health_check=list(HealthCheck))
    @given(name=st.sampled_from(sorted(clients)), request=requests(names))
    def test(name: str, request: tuple[str, str, Any, dict[str, Any]]) -> None:
        assert list(faults(clients[name], request)) == [], request

    test()


def test_what_is_sent_is_answered_as_it_is_described(bureau: Station, footage: str) -> None:
    sound(bureau, footage, 150)


@pytest.mark.slow
def test_whatever_is_sent_is_answered_as_it_is_described(bureau: Station, footage: str) -> None:
    sound(bureau, footage, 5000, seed=1)
