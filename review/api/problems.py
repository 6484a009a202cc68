"""Errors as a program reads them (问题详情): `application/problem+json`.

Source: RFC 9457. Shapes: `code` is the error's own, for ever; `title` and `hint` are in the language the request asks
for; `errors` says where in the request something is unfit. What somebody may not see is answered like what is not
there: the answers differ in the address asked for alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from catalog.station_error import StationError
from docking_station.texts.plain import visible
from review.api.errors import (
    BodyTooLong,
    Fault,
    MethodNotServed,
    NoSuchAddress,
    RangeUnfit,
    RequestError,
    RequestUnfit,
)
from review.frame import Words
from review.statuses import retry_s, status_of

MEDIA_TYPE = "application/problem+json"
TYPES = "https://evidock.invalid/errors/"
"""Names each kind of error; nothing is served there."""
RETRY_S = 5
ERRORS_MAX = 20
OF_STATUS: Mapping[int, type[RequestError]] = {
    error.status: error for error in (NoSuchAddress, MethodNotServed, BodyTooLong, RangeUnfit)
}


class Unfit(BaseModel):
    """Where a request is unfit, and why, in English."""

    place: str
    message: str


class Problem(BaseModel):
    """An error; `code` stays what it is, `title` and `hint` are for people."""

    type: str
    title: str
    status: int
    code: str
    hint: str
    instance: str
    errors: list[Unfit] | None = None


def problem(
    request: Request,
    error: StationError,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer that says an error."""
    status = error.status if isinstance(error, RequestError) else status_of(error)
    language, zone = Words.of(request).language, request.app.state.station.settings.zone
    body: dict[str, Any] = {
        "type": TYPES + error.code,
        "title": visible(error.message(language, zone)),
        "status": int(status),
        "code": error.code,
        "hint": visible(error.hint(language)),
        "instance": request.url.path,
    }
    more = dict(headers or {}) | {"Content-Language": language}
    if status == HTTPStatus.UNAUTHORIZED:
        more["WWW-Authenticate"] = 'Bearer realm="evidock"'
    if status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
        more["Retry-After"] = str(retry_s(error) or RETRY_S)
    return JSONResponse(body | ({"errors": list(errors)} if errors else {}), status, more, MEDIA_TYPE)


def install(api: FastAPI) -> None:
    """Have every error of an application answered so."""
    api.add_exception_handler(StationError, _station_error)
    api.add_exception_handler(HTTPException, _http_error)
    api.add_exception_handler(RequestValidationError, _unfit)
    api.add_exception_handler(Exception, _fault)


def _station_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, StationError)
    return problem(request, error)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
    return problem(request, OF_STATUS.get(error.status_code, RequestUnfit)(), headers=headers)


def _methods(request: Request) -> list[str]:
    """What an address answers: each method of it is a route of its own."""
    routes = (route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for route in routes for method in route.methods})


def _unfit(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    every = error.errors()[:ERRORS_MAX]
    places = [{"place": ".".join(map(str, one["loc"])), "message": visible(str(one["msg"]))} for one in every]
    return problem(request, RequestUnfit(), places)


async def _fault(request: Request, _: Exception) -> Response:
    """A fault of the program; the application of the pages, through which it goes on, writes its place into the log."""
    return problem(request, Fault())
