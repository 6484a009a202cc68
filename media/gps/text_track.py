"""Positions as NMEA 0183 sentences in a text or subtitle track of a movie, a sample a second.

Source: 3GPP TS 26.245 (tx3g) and QuickTime text: two bytes of length, the text, then boxes of style; the sentences as
in `nmea` (Thinkware writes `;` for `$`). Shapes: the first track that holds a sentence we may trust gives the fixes, in
the order of its samples; None if no track does. Units: degrees WGS 84, m/s, UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO

from catalog.evidence import Fix
from media.gps.contract import FIXES_MAX, Carrier
from media.gps.nmea import Reading, dated, readings_in
from media.mp4 import Movie, Track, read_movie
from media.mp4_samples import read_samples

TRACKS_MAX = 4
"""How many tracks of text are looked at: subtitles in two languages, chapters, positions."""
TRACK_BYTES_MAX = 8 * 1024 * 1024
TEXT_HANDLERS = frozenset({"text", "sbtl", "subt"})
TEXT_ENTRIES = frozenset({"tx3g", "text"})


class TextTrack:
    """A movie with sentences in a track of text."""

    name: str = "text_track"
    carrier: Carrier = "movie"

    def read(self, file: BinaryIO) -> Sequence[Fix] | None:
        """Return the fixes in the order of the samples, or None if no track of text holds any."""
        movie = read_movie(file)
        if movie is None:
            return None
        for track in islice(filter(_is_text, movie.tracks), TRACKS_MAX):
            fixes = dated(list(islice(_readings(file, movie, track), FIXES_MAX)))
            if fixes:
                return fixes
        return None


def _is_text(track: Track) -> bool:
    return track.handler in TEXT_HANDLERS and not TEXT_ENTRIES.isdisjoint(track.entries)


def _readings(file: BinaryIO, movie: Movie, track: Track) -> Iterator[Reading]:
    for sample in read_samples(file, movie, track, TRACK_BYTES_MAX):
        text = sample.data[2 : 2 + int.from_bytes(sample.data[:2], "big")]
        for line in text.splitlines():
            yield from readings_in(line)


FORMAT = TextTrack()
