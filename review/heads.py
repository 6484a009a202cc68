"""How long a request may be, and take, until it is whole (请求限长限时); else its connection is closed.

Source: CWE-770, "slowloris". Shapes: uvicorn keeps the lines a request begins with until the last of them came, however
many they are, and waits for it for ever: one fills the memory, a thousand that say nothing are
all there are.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES_MAX = 65_536
"""Of the first line and the headers; one read of the socket may be on top of that."""
WHOLE_S = 30.0
"""So long a request may take to come; what it is answered may take longer."""
LONG, LONG_BYTES_MIN = b"/upload", 1 << 18
"""Files may take longer, as long as so much of them comes in each such time."""


class Heads(HttpToolsProtocol):
    """One connection of the pages."""

    _is_head, _head_bytes, _is_long, _came_bytes = True, 0, False, 0
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Read on, up to the limit."""
        self._wait()  # also for what begins no request: uvicorn waits no more for the next one then
        self._head_bytes += len(data)
        self._came_bytes += len(data)
        super().data_received(data)
        if self._is_head and self._head_bytes > HEAD_BYTES_MAX:
            self.send_400_response("The request is too long.")

    def on_headers_complete(self) -> None:
        """Go on to what is sent."""
        self._is_head, self._is_long = False, self.url == LONG
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Answer, and be ready for the next."""
        self._is_head, self._head_bytes, self._is_long = True, 0, False
        self._wait_no_more()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._late is None:
            self._came_bytes = 0
            self._late = self.loop.call_later(WHOLE_S, self._over)

    def _over(self) -> None:
        self._late = None
        if self._is_long and self._came_bytes >= LONG_BYTES_MIN:
            self._wait()
        else:
            self.transport.close()

    def _wait_no_more(self) -> None:
        if self._late is not None:
            self._late.cancel()
        self._late = None
