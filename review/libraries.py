"""What browsers get that is not ours (浏览器组件): htmx and the icons, as npm put them beside the program.

Sources: `htmx.org` (BSD-0-Clause) and `lucide-static` (ISC). Where they are missing every page is as
readable: a picture always has its word beside it, and whatever a script does a link or a form does too.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path

from docking_station.station.settings import NODE_MODULES

SCRIPTS = ("dist/htmx.min.js", "dist/ext/hx-csp.min.js", "dist/ext/hx-sse.min.js")
INSIDE = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
LINES = re.compile(r"<!--.*?-->|\n *", re.DOTALL)
SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round">{shape}</symbol>'
)
NAMES = """
a-large-small arrow-down-to-line arrow-right-from-line arrow-right-to-line battery-charging chart-column check
chevron-down chevron-left chevron-right circle-alert circle-check circle-dashed circle-help circle-x clock columns-2
diamond eye fast-forward file-plus file-text film folder gavel hard-drive hourglass image info keyboard languages
list-checks list-filter lock lock-open log-out map-pin megaphone message-square-reply mic minus moon octagon-alert
pause play plug repeat rewind route scale scissors search send shield-check square-pen square-plus stamp step-back
step-forward sun timer trash-2 triangle-alert undo-2 user users video volume-2 volume-x wifi-off x zap
"""
"""Every icon a page may show."""


class Libraries:
    """The browser's libraries in one of npm's folders; each is read once."""

    def __init__(self, places: tuple[Path, ...] = NODE_MODULES) -> None:
        self._places = places

    @cached_property
    def scripts(self) -> dict[str, Path]:
        """The scripts that are there, by the name a page calls them."""
        return {Path(name).name: path for name in SCRIPTS if (path := self._found(f"htmx.org/{name}")) is not None}

    @cached_property
    def sprite(self) -> str:
        """All icons as one SVG, each a symbol of its name; empty of those that are missing."""
        symbols = [self._symbol(name) for name in NAMES.split()]
        return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'

    def _symbol(self, name: str) -> str:
        path = self._found(f"lucide-static/icons/{name}.svg")
        inside = INSIDE.search(LINES.sub("", path.read_text())) if path is not None else None
        return "" if inside is None else SYMBOL.format(name=name, shape=inside[1])

    def _found(self, name: str) -> Path | None:
        return next((place / name for place in self._places if (place / name).is_file()), None)
