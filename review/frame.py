"""The frame of every page (页面框架): language, theme and size of one person's browser, and the templates.

Shapes: a page is a template and facts; times are said in the recorders' zone; whatever comes from a device is written
out (`visible`) before Jinja escapes it. The three preferences are cookies; `?lang=` decides for one page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from catalog.people import people
from catalog.rules.callers import SECRET, Caller
from catalog.rules.procedure import Proof, Step
from catalog.station_error import Language, StationError
from docking_station import texts
from docking_station.services.known_cases import cases_offered
from docking_station.services.links import policy_now
from docking_station.station.station import Station
from docking_station.texts.codes import ZONES, zone_parts
from docking_station.texts.plain import size_text, span_text, time_shown, visible
from review.forms import form_token
from review.toasts import forget_toast, toast_of

HERE = Path(__file__).parent
PREFERENCES: Mapping[str, tuple[str, ...]] = {
    "lang": ("zh", "en"),
    "theme": ("light", "dark"),
    "size": ("plain", "large"),
}
"""What a person may choose, the first unless they do."""
OPEN_DIALOG = "dialog"
"""In an address, or a fact of a page: which dialog is open when the page comes."""
YEAR_S = 365 * 24 * 3600
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    finalize=lambda value: "" if value is None else value,
)
TEMPLATES.filters |= {"size": size_text, "span": span_text, "shown": lambda text: visible(str(text))}


@dataclass(frozen=True, slots=True)
class Words:
    """Texts in the language of whoever asks: called with a name and facts."""

    language: Language

    @classmethod
    def of(cls, request: Request) -> Words:
        """The language of a request: stated in the address, chosen before, or the first the browser names."""
        stated = request.query_params.get("lang") or request.cookies.get("lang")
        if stated not in PREFERENCES["lang"]:
            stated = "en" if request.headers.get("accept-language", "zh").lower().startswith("en") else "zh"
        return cls("en" if stated == "en" else "zh")

    def __call__(self, name: str, **facts: object) -> str:
        """Return a text."""
        return texts.text(name, self.language, **facts)

    def doubt(self, seconds: float) -> str:
        """Return how far a time may be off, as coarse as it is."""
        for unit, unit_s in (("days", 86_400.0), ("hours", 3600.0), ("minutes", 60.0)):
            if seconds >= 2 * unit_s:
                return self(f"page_doubt_{unit}", count=math.ceil(seconds / unit_s))
        return self("page_doubt", seconds=f"{max(0.1, round(seconds, 0 if seconds >= 10 else 1)):g}")

    def day(self, day: date) -> str:
        """Return a day with the name it has in its week."""
        return f"{day.isoformat()} {self(f'page_weekday_{day.isoweekday()}')}"

    def coded(self, words: Mapping[str, tuple[str, str]], code: object) -> str:
        """Return what a code of a manifest or of the trail is called; one nobody named is shown as it is."""
        return words[str(code)][self.language == "zh"] if str(code) in words else visible(str(code))

    def zoned(self, zone: str) -> str:
        """Return how a claim came to its zone: `stated UTC`, `assumed +08:00`, `as if UTC`."""
        begins, rest = zone_parts(zone)
        return visible(rest) if begins is None else f"{self.coded(ZONES, begins)} {visible(rest)}"


def chosen(request: Request, name: str) -> str:
    """What a browser's person chose, or the first choice."""
    choices = PREFERENCES[name]
    return found if (found := request.cookies.get(name, "")) in choices else choices[0]


def address_of(request: Request) -> str:
    """Return the path and question of a request, without language and dialog stated in it: what to come back to.

    What a page answers to a POST is no page to come back to: that is the one whose form it was, one step up.
    """
    if request.method == "POST":
        return request.url.path.rpartition("/")[0] or "/"
    query = request.url.remove_query_params(["lang", OPEN_DIALOG]).query
    return f"{request.url.path}?{query}" if query else request.url.path


def render(request: Request, template: str, **facts: object) -> str:
    """Return a template as text, with what every page knows: words, preferences, nonce, libraries, who asks."""
    state, words, was_asked = request.app.state, Words.of(request), hasattr(request.state, "caller")
    caller: Caller | None = getattr(request.state, "caller", None)
    zone = state.station.settings.zone
    every = {
        "t": words,
        "coded": words.coded,
        "doubt": words.doubt,
        "zoned": words.zoned,
        "lang": words.language,
        "theme": chosen(request, "theme"),
        "large": chosen(request, "size") == "large",
        "nonce": request.state.nonce,
        "form_token": form_token(request),
        "scripts": state.libraries.scripts,
        "here": request.url.path,
        "address": address_of(request),
        "rail": state.rails.of(caller),
        "toast": toast_of(request),
        "dialog_open": request.query_params.get(OPEN_DIALOG, ""),
        "dialog_wrong": "",
        "second_code": lambda: policy_now(state.station).access.second_factor != "off",
        "cases_offered": lambda: [] if caller is None else cases_offered(state.station, caller),
        "person": caller and _called(state.station, caller),
        "signed_in": caller is not None and caller.how == SECRET,
        "may_sign_in": was_asked and caller is None and request.url.path != "/sign-in",
        "station_name": state.station.settings.station,
        "at": lambda text: time_shown(text, zone),
    }
    return TEMPLATES.get_template(template).render(every | facts)


def _called(station: Station, caller: Caller) -> str:
    """Name and number of a person, or the account, where nobody is entered or the catalog does not answer."""
    with suppress(StationError):
        if caller.no is not None:
            return f"{people.get(station.database, caller.no).name} {caller.no}"
    return caller.person


def named(rows: Sequence[Step | Proof]) -> dict[str, tuple[str, str]]:
    """Return what the policy calls its codes, in both languages."""
    return {one.code: (one.en, one.zh) for one in rows}


def page(request: Request, template: str, status: HTTPStatus = HTTPStatus.OK, **facts: object) -> Response:
    """Return a page."""
    answer = HTMLResponse(render(request, template, **facts), status)
    forget_toast(request, answer)
    return answer
