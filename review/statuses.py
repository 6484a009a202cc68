"""Which HTTP status says which error (状态码): one table for pages and the API.

Source: RFC 9110, 15. Shapes: the class of an error, or the nearest above it in the table; whatever is not there may
pass by itself or concerns the whole station, and is a service that is unavailable, or contradicts what the catalog has.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from catalog.clips.errors import StateSecret
from catalog.errors import (
    AlreadyDisposed,
    AmbiguousClip,
    BadCursor,
    ManifestUnreadable,
    NotGranted,
    PolicyOfVersion,
    RecipeUnfit,
)
from catalog.people.errors import NoSuchGrant, NoSuchPerson, NoSuchUnit
from catalog.station_error import StationError
from docking_station.services.errors import SearchesUnfit, SignInNeeded, TokenUnfit, TooMany
from docking_station.station.errors import (
    BadTime,
    ImportHeads,
    ImportTooLong,
    ImportUnreadable,
    LookOver,
    NoPage,
    NotAllowed,
    NotConfirmed,
    NothingToView,
    PersonUnknown,
    PolicyListsUnusable,
    SecretLocked,
    SecretNotSet,
    SecretWrong,
)

STATUSES: Mapping[type[StationError], HTTPStatus] = {
    AlreadyDisposed: HTTPStatus.GONE,
    AmbiguousClip: HTTPStatus.NOT_FOUND,
    BadCursor: HTTPStatus.NOT_FOUND,
    BadTime: HTTPStatus.CONFLICT,
    ImportHeads: HTTPStatus.CONFLICT,
    ImportTooLong: HTTPStatus.CONFLICT,
    ImportUnreadable: HTTPStatus.CONFLICT,
    LookOver: HTTPStatus.NOT_FOUND,
    ManifestUnreadable: HTTPStatus.SERVICE_UNAVAILABLE,
    NoSuchGrant: HTTPStatus.NOT_FOUND,
    NoSuchPerson: HTTPStatus.NOT_FOUND,
    NoSuchUnit: HTTPStatus.NOT_FOUND,
    NoPage: HTTPStatus.NOT_FOUND,
    NotAllowed: HTTPStatus.FORBIDDEN,
    NotConfirmed: HTTPStatus.CONFLICT,
    NotGranted: HTTPStatus.FORBIDDEN,
    NothingToView: HTTPStatus.NOT_FOUND,
    PersonUnknown: HTTPStatus.FORBIDDEN,
    PolicyListsUnusable: HTTPStatus.CONFLICT,
    PolicyOfVersion: HTTPStatus.NOT_FOUND,
    RecipeUnfit: HTTPStatus.CONFLICT,
    SearchesUnfit: HTTPStatus.CONFLICT,
    SecretLocked: HTTPStatus.TOO_MANY_REQUESTS,
    SecretNotSet: HTTPStatus.UNPROCESSABLE_ENTITY,
    SecretWrong: HTTPStatus.UNAUTHORIZED,
    SignInNeeded: HTTPStatus.UNAUTHORIZED,
    StateSecret: HTTPStatus.FORBIDDEN,
    TokenUnfit: HTTPStatus.CONFLICT,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
}
NOT_THERE = (15, 51, 53)
"""Exit statuses of what is not there."""
OF_THE_CATALOG = (24, *range(51, 61))
"""Exit statuses of what contradicts the catalog as it is: there already, ambiguous, not in that state, unfit."""


def retry_s(error: StationError) -> int | None:
    """In how many seconds it is worth while to ask again (`Retry-After`), as far as that is known."""
    seconds = error.facts.get("seconds")
    return seconds if isinstance(seconds, int) else None


def status_of(error: StationError) -> HTTPStatus:
    """Return the status of an error."""
    for kind in type(error).__mro__:
        if kind in STATUSES:
            return STATUSES[kind]
    if error.exit_status in NOT_THERE:
        return HTTPStatus.NOT_FOUND
    if error.exit_status in OF_THE_CATALOG and not error.retry and error.reach == "one":
        return HTTPStatus.CONFLICT
    return HTTPStatus.SERVICE_UNAVAILABLE
