"""The application of the API (接口应用): every resource of `review/api/resources`, found by its file; OpenAPI 3.1.

Shapes: a module of `resources` holds `API`, an `APIRouter`; each operation has its marks (`review/api/asking.py`). It
hangs below `/api/v1` in the application of the pages and shares its state.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.datastructures import Headers, State
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

import review.api.resources
from catalog.station_error import StationError
from docking_station.station.family import family
from review.api.answers import PREFIX
from review.api.asking import REF, asking
from review.api.errors import BodyTooLong
from review.api.problems import Problem, install, problem

BODY_BYTES_MAX = 65_536
LONGER = {"/imports/": 12 << 20, "/policy": 4 << 20}
"""What is sent to addresses with this in them may be longer: lists; a policy, where a letter may be 12 bytes."""
LONG = CapacityLimiter(2)
SCHEMES = {
    "token": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "evidock-session-8760"},
}
KEY_BYTES = 32


class Bounded:
    """An application to whom nobody sends more than it reads."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse a body that is too long, or does not say how long it is."""
        headers, answer = Headers(scope=scope), self._app
        length = headers.get("content-length", "0")
        most_bytes = next((most for part, most in LONGER.items() if part in scope["path"]), BODY_BYTES_MAX)
        if "transfer-encoding" in headers or not length.isdigit() or int(length) > most_bytes:
            answer = problem(Request(scope), BodyTooLong())
        elif int(length) > BODY_BYTES_MAX:
            answer = self._long
        await answer(scope, receive, send)

    async def _long(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer who is known, a few at a time: a body is in memory before anything is asked of it."""
        try:
            await asking(Request(scope))
        except StationError as error:
            await problem(Request(scope), error)(scope, receive, send)
            return
        async with LONG:
            await self._app(scope, receive, send)


def make_api(state: State) -> FastAPI:
    """Return the API over the state of the pages."""
    api = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    api.add_middleware(Bounded)
    api.state = state
    state.cursor_key = secrets.token_bytes(KEY_BYTES)
    for resource in family(review.api.resources, "API"):
        api.router.routes.extend(resource.routes)  # its own, not behind a router: an address tells all its methods
    install(api)

    def openapi(_: Request) -> Response:
        return JSONResponse(described(api))

    api.add_route("/openapi.json", openapi, include_in_schema=False)
    return api


def described(api: FastAPI) -> dict[str, Any]:
    """What the API is, as OpenAPI 3.1."""
    found = get_openapi(
        title="Evidock",
        version="1",
        openapi_version="3.1.0",
        description="Clips of body cameras, sealed and provable. See docs/api.md.",
        routes=api.routes,
        servers=[{"url": PREFIX}],
        separate_input_output_schemas=False,
    )
    its = Problem.model_json_schema(ref_template=REF)
    found["components"]["schemas"] |= its.pop("$defs") | {"Problem": its}
    found["components"]["securitySchemes"] = SCHEMES
    found["security"] = [{name: []} for name in SCHEMES]
    for route in (one for one in api.routes if isinstance(one, APIRoute)):
        for method in route.methods or ():
            operation = found["paths"][route.path_format][method.lower()]
            operation |= {
                "operationId": route.name,
                "summary": operation.pop("description"),
                **(route.openapi_extra or {}),
            }
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = _not_null(parameter["schema"])
    for schema in found["components"]["schemas"].values():
        schema.pop("description", None)  # the words of our docstrings are no promise
    slim: dict[str, Any] = _slim(found)
    return slim


def text_of(api: FastAPI) -> str:
    """The text of docs/openapi.json."""
    return json.dumps(described(api), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """What is optional may be left out; it may not be null."""
    kinds = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    rest = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    return {**rest, **kinds[0]}


def _slim(schema: Any) -> Any:
    """A schema without the titles that repeat names; `class_` of a value is `class` in JSON."""
    if isinstance(schema, list):
        return [name.removesuffix("_") if isinstance(name, str) else _slim(name) for name in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name.removesuffix("_"): _slim(one)
        for name, one in schema.items()
        if name != "title" or not isinstance(one, str) or "version" in schema
    }
