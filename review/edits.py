"""One change of a recipe, as a form says it (遮盖编辑): a box decided, drawn or taken away, a span added or taken away.

Shapes: times are typed as `m:ss` or seconds, with a decimal point; places in pixels of the shown picture.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from catalog.rules.redaction import Recipe, unfit

TIME = re.compile(r"(?:(\d{1,3}):)?(\d{1,5}(?:\.\d{1,3})?)")
SIDES = ("left", "top", "width", "height")
MINUTE_S, MS = 60, 1000


def changed(recipe: Recipe, form: Mapping[str, str]) -> dict[str, Any]:
    """Boxes, mutes and cuts of a recipe after the change that a form asks for; raises `RecipeUnfit`."""
    said = json.loads(recipe.body())
    edit: dict[str, list[Any]] = {name: said[name] for name in ("boxes", "mutes", "cuts")}
    what, of = form.get("do", ""), form.get("id", "")
    if what in ("mutes", "cuts"):
        span = {"from_ms": _ms(recipe, form, "from"), "to_ms": _ms(recipe, form, "to"), "why": form.get("why", "")}
        edit[what].append(span)
    elif what == "box":
        place = [_whole(recipe, form, side) for side in SIDES]
        keys = [[_ms(recipe, form, at), *place] for at in ("from", "to")]
        number = 1 + max((int(box["id"][1:]) for box in edit["boxes"] if re.fullmatch(r"p\d+", box["id"])), default=0)
        edit["boxes"].append({"id": f"p{number}", "what": form.get("what", ""), "keys": keys})
    elif what in ("remove-mutes", "remove-cuts"):
        name = what.removeprefix("remove-")
        edit[name] = [one for number, one in enumerate(edit[name]) if str(number) != of]
    elif what == "remove":
        edit["boxes"] = [box for box in edit["boxes"] if box["id"] != of]
    else:
        for box in edit["boxes"]:
            if what == "confirm-all" and box["verdict"] == "open":
                box["verdict"] = "confirmed"
            elif box["id"] == of:
                box |= {"verdict": what, "why": form.get("why", "") if what == "dismissed" else None}
                box["what"] = form.get("what", box["what"])
    return edit


def _ms(recipe: Recipe, form: Mapping[str, str], name: str) -> int:
    found = TIME.fullmatch(form.get(name, "").strip().replace("：", ":"))
    if found is None:
        raise unfit(recipe.release, "times are minutes and seconds, as 1:05", "时间请按“分:秒”填写，如 1:05")
    return min(recipe.duration_ms, round((int(found[1] or 0) * MINUTE_S + float(found[2])) * MS))


def _whole(recipe: Recipe, form: Mapping[str, str], name: str) -> int:
    text = form.get(name, "").strip()
    if not text.isascii() or not text.isdigit():
        raise unfit(recipe.release, "place and size are whole numbers of pixels", "位置和大小须为整数像素")
    return int(text)
