"""The station's state for every face (状态接口): the board on a unix socket, as JSON lines; see docs/stream.md.

Shapes: first `{"event":"station",…}` and a `{"event":"bay",…}` for each bay, then `{"event":"ready",…}`, then a line
for every change; `{"event":"alive",…}` every few seconds. Lines are ASCII. One thread a client; a client that does not
read is dropped, and never makes the dock wait.
"""

from __future__ import annotations

import errno
import json
import os
import queue
import select
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, Self

from catalog.rules.canonical import parsed_time
from docking_station.faces.board import CLOCKS, STATES, BayView, Board, Dropped, Event, StationView, Why, label_order
from docking_station.faces.errors import DockCrowded, DockForbidden, DockNotRunning, DockSilent, SocketTaken
from docking_station.texts.plain import json_of

VERSION = 1
CLIENTS_MAX = 32
HEARTBEAT_S = 2.0
SILENCE_S = 15.0
SEND_S = 5.0
CONNECT_S = 5.0
LOOK_S = 0.25
PACE_S = 0.1
"""Changes are told so far apart, each bay's newest."""
SEND_BYTES = 1 << 16
LINE_BYTES_MAX = 1 << 20
SOCKET_MODE = 0o660
PATH_BYTES_MAX = 100
"""A socket's address holds no longer path; a longer one is reached through its folder."""

Message = dict[str, Any]


class Stream:
    """Serves a board at a socket while it is open."""

    def __init__(self, board: Board, path: Path, *, heartbeat_s: float = HEARTBEAT_S) -> None:
        self.board, self.path = board, path
        self._heartbeat_s = heartbeat_s
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._clients: dict[socket.socket, threading.Thread] = {}
        self._door: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._inode = 0
        self._beaten: float | None = None

    def open(self) -> Self:
        """Begin to serve; raises `SocketTaken`. A socket nobody answers on is replaced."""
        try:
            self._demand_free()
            self._door = self._bound()
        except OSError as error:
            raise SocketTaken(path=self.path, reason=error.strerror or str(error)) from error
        self._thread = threading.Thread(target=self._accept, name="stream", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """End every client and thread, and take the socket away."""
        self._ended.set()
        if self._door is not None:
            with suppress(OSError):
                self._door.shutdown(socket.SHUT_RDWR)
        with self._lock:
            clients = dict(self._clients)
        for client in clients:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        for thread in (self._thread, *clients.values()):
            if thread is not None:
                thread.join(SEND_S)
        if self._door is not None:
            self._door.close()
            with suppress(OSError):
                if self.path.lstat().st_ino == self._inode:
                    self.path.unlink()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    def beat(self) -> None:
        """A sign of life of the dock itself, called from its main loop; faces are told how long ago it was."""
        self._beaten = time.monotonic()

    def _demand_free(self) -> None:
        try:
            found = self.path.lstat()
        except FileNotFoundError:
            return
        if not stat.S_ISSOCK(found.st_mode):
            raise SocketTaken(path=self.path, reason="something that is no socket stands there")
        try:
            _connected(self.path).close()
        except ConnectionRefusedError:
            return
        raise SocketTaken(path=self.path, reason="another dock answers there")

    def _bound(self) -> socket.socket:
        """The socket comes under its name with its rights on and its ear open, in one step."""
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            with _address(draft) as address:
                door.bind(address)
            draft.chmod(SOCKET_MODE)
            self._inode = draft.lstat().st_ino
            door.listen(CLIENTS_MAX)
            draft.replace(self.path)
        except OSError:
            door.close()
            draft.unlink(missing_ok=True)
            raise
        return door

    def _accept(self) -> None:
        assert self._door is not None
        while not self._ended.is_set():
            try:
                client, _ = self._door.accept()
            except OSError:
                if not self._ended.wait(LOOK_S):  # out of descriptors, say: the next try may do
                    continue
                return
            client.settimeout(SEND_S)
            with self._lock:
                if len(self._clients) >= CLIENTS_MAX:
                    with client, suppress(OSError):
                        client.sendall(_line("crowded", most=CLIENTS_MAX))
                    continue
                thread = threading.Thread(target=self._serve, args=(client,), name="stream client", daemon=True)
                self._clients[client] = thread
            try:
                thread.start()
            except RuntimeError:  # no more threads: this client goes, the dock stays
                self._leave(client)

    def _serve(self, client: socket.socket) -> None:
        try:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
            with self.board.subscribed() as face:
                for _ in range(face.qsize()):
                    client.sendall(_as_line(face.get_nowait()))
                client.sendall(_line("ready", stream=VERSION, heartbeat_s=self._heartbeat_s))
                self._go_on(client, face)
        except OSError:
            pass  # it went away, or does not read
        finally:
            self._leave(client)

    def _go_on(self, client: socket.socket, face: queue.Queue[Any]) -> None:
        due = time.monotonic() + self._heartbeat_s
        while not self._ended.is_set():
            lines = []
            with suppress(queue.Empty):
                lines.append(_as_line(face.get(timeout=LOOK_S)))
                lines += [_as_line(face.get_nowait()) for _ in range(face.qsize())]
            if (now := time.monotonic()) >= due:
                beaten = self._beaten
                lines.append(_line("alive", beat_s=None if beaten is None else round(now - beaten, 3)))
                due = now + self._heartbeat_s
            if lines:
                client.sendall(b"".join(lines))
                self._ended.wait(PACE_S)
            if _hung_up(client):  # else one that looked once would hold its place until the next heartbeat
                return

    def _leave(self, client: socket.socket) -> None:
        with self._lock:
            self._clients.pop(client, None)
        client.close()


def _hung_up(client: socket.socket) -> bool:
    poll = select.poll()
    poll.register(client, 0)
    return any(what & (select.POLLHUP | select.POLLERR) for _, what in poll.poll(0))


def listen(path: Path, *, silence_s: float = SILENCE_S) -> Iterator[Message]:
    """Every event the dock tells, until it closes.

    Raises `DockNotRunning`, `DockForbidden`, `DockCrowded`; `DockSilent` if not even a heartbeat comes for `silence_s`.
    """
    with _joined(path) as dock, dock.makefile("rb") as lines:
        dock.settimeout(silence_s)
        while True:
            try:
                line = lines.readline(LINE_BYTES_MAX)
            except TimeoutError as error:
                raise DockSilent(path=path, reason=f"no sign of life for {silence_s:g} s") from error
            except OSError:
                return  # reset by the dock: as if it had closed
            if not line:
                return
            yield _event(path, line)


def snapshot(path: Path, *, silence_s: float = CONNECT_S) -> tuple[StationView, tuple[BayView, ...]]:
    """The station and its bays as they are now, in the order of the labels; raises as `listen` does."""
    station, bays, _ = heard(path, "ready", silence_s)
    if station is None:
        raise DockSilent(path=path, reason="it closed before it had told everything")
    return station, bays


def heard(path: Path, last: str, silence_s: float) -> tuple[StationView | None, tuple[BayView, ...], Message]:
    """What the dock tells up to its next event `last`, and that event; no station where it closed before."""
    station, bays = None, {}
    for message in listen(path, silence_s=silence_s):
        if message["event"] == "station":
            station = station_view(message)
        elif message["event"] == "bay":
            bays[str(message["bay"])] = bay_view(message)
        elif message["event"] == last:
            return station, tuple(bays[label] for label in sorted(bays, key=label_order)), message
    return None, (), {}


def bay_view(event: Message) -> BayView:
    """The view in a `bay` event; names this version does not know are left out. Raises ValueError for such a state."""
    if event["state"] not in STATES:
        raise ValueError(event["state"])
    return BayView(**_known(BayView, event) | {"since": parsed_time(event["since"]), "why": _why(event.get("why"))})


def station_view(message: Message) -> StationView:
    """The view in a `station` event."""
    if message["clock"] not in CLOCKS:
        raise ValueError(message["clock"])
    oldest = message.get("oldest_unsealed_at")
    changed = {
        "oldest_unsealed_at": None if oldest is None else parsed_time(oldest),
        "clock_why": _why(message.get("clock_why")),
        "vault": _why(message.get("vault")),
        "catalog": _why(message.get("catalog")),
    }
    return StationView(**_known(StationView, message) | changed)


READ: Mapping[str, Callable[[Message], object]] = {"bay": bay_view, "station": station_view}


def _known(view: type[BayView | StationView], message: Message) -> Message:
    return {field.name: message[field.name] for field in fields(view) if field.name in message}


def _why(why: Mapping[str, Any] | None) -> Why | None:
    return None if why is None else Why(why["code"], _pair(why["en"]), _pair(why["zh"]))


def _pair(texts: list[str]) -> tuple[str, str]:
    return str(texts[0]), str(texts[1])


def _as_line(view: Event) -> bytes:
    if isinstance(view, Dropped):
        return _line("dropped", bay=view.bay)
    return _line(
        "bay" if isinstance(view, BayView) else "station", **{one.name: getattr(view, one.name) for one in fields(view)}
    )


def _line(event: str, **values: object) -> bytes:
    return json.dumps({"event": event, **values}, default=json_of, separators=(",", ":")).encode() + b"\n"


def _event(path: Path, line: bytes) -> Message:
    try:
        message: Message = json.loads(line)
        if message["event"] in READ:
            READ[message["event"]](message)  # whoever listens may rely on it
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise DockSilent(path=path, reason="what it says is no event this version knows") from error
    if message["event"] == "crowded":
        raise DockCrowded(path=path, most=message.get("most"))
    return message


@contextmanager
def _joined(path: Path) -> Iterator[socket.socket]:
    try:
        dock = _connected(path)
    except PermissionError as error:
        raise DockForbidden(path=path) from error
    except TimeoutError as error:
        raise DockSilent(path=path, reason="it does not take calls") from error
    except OSError as error:
        if error.errno == errno.EAGAIN:
            raise DockSilent(path=path, reason="it does not take calls") from error
        raise DockNotRunning(path=path) from error
    with dock:
        yield dock


def _connected(path: Path) -> socket.socket:
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        door.settimeout(CONNECT_S)
        with _address(path) as address:
            door.connect(address)
    except OSError:
        door.close()
        raise
    return door


@contextmanager
def _address(path: Path) -> Iterator[str]:
    if len(os.fsencode(path)) <= PATH_BYTES_MAX:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
