"""What a person prefers, and the files every page asks for (显示设置、静态文件)."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import FileResponse, RedirectResponse, Response

from review.forms import form_of
from review.frame import HERE, PREFERENCES, YEAR_S

PAGES, COMMON = APIRouter(), APIRouter()
STATIC = HERE / "static"


@COMMON.post("/preferences")
async def prefer(request: Request) -> Response:
    """Keep one preference in this browser, and go back to where it was chosen."""
    form = await form_of(request)
    back = form.get("back", "/")
    answer = RedirectResponse(back if is_own(back) else "/", HTTPStatus.SEE_OTHER)
    for name, choices in PREFERENCES.items():
        if (value := form.get(name)) in choices:
            answer.set_cookie(name, value, max_age=YEAR_S, httponly=True, samesite="strict")
    return answer


def is_own(address: str) -> bool:
    """Whether an address is a path of this station: `//host` and `/\\host` are another's to a browser."""
    return address.startswith("/") and address[1:2] not in ("/", "\\") and address.isprintable()


@COMMON.get("/static/{name}")
def static(request: Request, name: str) -> Response:
    """Return a style, a script, or the icons, by its name alone."""
    libraries = request.app.state.libraries
    if name == "icons.svg":
        return Response(libraries.sprite, media_type="image/svg+xml")
    own: dict[str, Path] = {path.name: path for path in STATIC.iterdir()}
    found = (own | libraries.scripts).get(name)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    kind = "text/css" if found.suffix == ".css" else "text/javascript"
    return FileResponse(found, media_type=kind)


PAGES.include_router(COMMON)
