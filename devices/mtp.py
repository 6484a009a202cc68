"""The door to MTP (PTP) recorders, through libgphoto2 (MTP 设备入口).

Source: libgphoto2 2.5 by the package gphoto2 (extra `mtp`), its camera library `ptp2`. A device is addressed by the
node udev told (`/dev/bus/usb/BBB/DDD` is libgphoto2's port `usb:BBB,DDD`), never found by search, so other devices are
not touched. Shapes: one Camera and Context a recorder, one call at a time in each; calls let other threads run.

What was seen of the library, and is minded here: loading lists and camera libraries is not safe in threads, so opening
and closing take turns; folders and facts are remembered until the session ends, even when the device is pulled; a
session that a killed program left half-way answers "unspecified error" until the port is reset; some calls of the
package stop all threads of the program, so those that talk to a device go past it (`_direct`); names come in the
encoding of the locale, with `?` for what does not fit; times come as if the wall clock were this process's local time.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import locale
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from devices.contract import DockedRecorder, Plugged
from devices.errors import CardGone, MtpHeld, MtpMissing, MtpSilent
from devices.footage import Footage
from devices.mtp_recorder import MtpRecorder

Answer = TypeVar("Answer")

PTP_INTERFACE = "060101"
TURN_S = 120.0
"""So long one may wait for another device to be opened or closed; each of its own calls ends by libgphoto2's limits."""
CALL_S = 120.0
"""So long one may wait for another call to the same device."""
WHOLE_S = 6 * 3600.0
"""So long one may wait for a call to the same device while it gives another file as a whole."""
CLOSE_S = 10.0
BUSY_TRIES, BUSY_PAUSE_S = 5, 1.0
CLOCK_S = 3.0
"""A second for the clock's resolution, two for which libgphoto2 may remember a property."""
USBDEVFS_RESET = 0x5514

_turn = threading.Lock()
_abilities: Any = None


def open_mtp(plugged: Plugged, footage: Sequence[str] = (), zone: tzinfo = UTC) -> DockedRecorder:
    """Begin a session with the MTP recorder in a port. `footage` are its model's folders, `zone` is its clock's.

    Raises `MtpMissing` (no gphoto2 here), `MtpHeld` (by a desktop), `MtpSilent`, `CardGone`.
    """
    if plugged.node is None:
        raise CardGone(path=plugged.port)
    gp = _gphoto2(plugged.port)
    try:
        camera = Camera(gp, plugged)
    except OSError as error:
        if error.errno == errno.ENODEV:
            raise CardGone(path=plugged.port) from error
        if error.errno == errno.EACCES:
            raise MtpHeld(port=plugged.port, reason=error.strerror) from error
        raise MtpSilent(port=plugged.port, reason=error.strerror) from error
    return MtpRecorder(plugged.port, camera, Footage(footage), zone)


def warm() -> None:
    """Load libgphoto2 and its list of devices now: that takes a moment in which no other thread runs.

    To be called once before the bays begin; nothing happens where the extra is not installed.
    """
    with suppress(MtpMissing, OSError), _taking_turns():
        _known(_gphoto2(""))


def _gphoto2(port: str) -> ModuleType:
    """The library, in an encoding that can say every name; raises `MtpMissing`."""
    try:
        import gphoto2  # an extra
    except ImportError as error:
        raise MtpMissing(port=port, reason="the package gphoto2 is not installed") from error
    if locale.nl_langinfo(locale.CODESET).upper() != "UTF-8":
        try:
            locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
        except locale.Error as error:
            raise MtpMissing(port=port, reason="the system has no UTF-8 locale") from error
    library: ModuleType = gphoto2
    return library


class Camera:
    """One session with one device; satisfies `devices.mtp_tree.Session`."""

    def __init__(self, gp: ModuleType, plugged: Plugged) -> None:
        self._gp, self._plugged = gp, plugged
        self._node = Path(plugged.node or "")
        self._lock = threading.Lock()
        self._camera: Any = None
        self._context: Any = None
        self._closed = False
        with self._locked(CALL_S):
            self._connect()

    # ------------------------------------------------------------------ what a recorder is asked

    def folders(self, folder: str) -> tuple[str, ...]:
        """The names of the folders in a folder; those in `/` are the storages."""
        return _names(self._call(lambda camera, context: camera.folder_list_folders(folder, context)))

    def files(self, folder: str) -> tuple[str, ...]:
        """The names of the files in a folder."""
        return _names(self._call(lambda camera, context: camera.folder_list_files(folder, context)))

    def facts(self, folder: str, name: str) -> tuple[int | None, datetime | None]:
        """Size in bytes and modify time by the device's wall clock; None for what it does not say."""
        info = self._call(lambda camera, context: camera.file_get_info(folder, name, context)).file
        size = int(info.size) if info.fields & self._gp.GP_FILE_INFO_SIZE else None
        has_time = info.fields & self._gp.GP_FILE_INFO_MTIME and info.mtime > 0
        return size, _wall(info.mtime) if has_time else None

    def read(self, folder: str, name: str, offset: int, into: memoryview) -> int:
        """Fill a buffer from `offset`; return how many bytes came, 0 at the end."""
        kind = self._gp.GP_FILE_TYPE_NORMAL
        got: int = self._call(lambda camera, context: camera.file_read(folder, name, kind, offset, into, context))
        return got

    def pour(self, folder: str, name: str, descriptor: int) -> None:
        """Write the whole file into a descriptor. One that did not come to its end leaves the session unusable."""
        gp = self._gp

        def whole(camera: Any, context: Any) -> None:
            file = gp.check_result(gp.gp_file_new_from_fd(os.dup(descriptor)))  # it closes what it is given
            try:
                gp.check_result(gp.gp_camera_file_get(camera, folder, name, gp.GP_FILE_TYPE_NORMAL, file, context))
            except gp.GPhoto2Error:
                self._stale = True
                raise

        self._call(whole, WHOLE_S)

    def delete(self, folder: str, name: str) -> None:
        """Remove one file."""
        gp = self._gp
        self._call(
            lambda camera, context: gp.check_result(_direct("gp_camera_file_delete", camera, context, folder, name))
        )

    def clock(self) -> tuple[datetime, float] | None:
        """The device's wall clock and its uncertainty in seconds, or None if it has none."""
        begun = time.monotonic()
        widget = self._date()
        return None if widget is None else (_wall(widget.get_value()), CLOCK_S + time.monotonic() - begun)

    def set_clock(self, wall: datetime) -> bool:
        """Set the device's wall clock; False if it has none, or refuses."""
        widget = self._date()
        if widget is None or widget.get_readonly():
            return False
        widget.set_value(int(time.mktime(wall.timetuple())))
        try:
            self._call(lambda camera, context: camera.set_single_config("datetime", widget, context))
        except OSError as error:
            if error.errno == errno.ENODEV:
                raise
            return False
        return True

    def _date(self) -> Any:
        """The device's DateTime property, or None."""
        try:
            widget = self._call(lambda camera, context: camera.get_single_config("datetime", context))
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.EOPNOTSUPP):
                return None
            raise
        return widget if widget is not None and widget.get_type() == self._gp.GP_WIDGET_DATE else None

    def present(self) -> bool:
        """Whether the system still sees the device."""
        return self._node.exists()

    def renew(self) -> None:
        """Forget every listing, so that the device is asked again."""
        with self._locked(CALL_S):
            self._disconnect()
            self._connect()

    def close(self) -> None:
        """End the session, in bounded time; may be done twice."""
        self._closed = True
        ending = threading.Thread(target=self._end, name="mtp-close", daemon=True)
        ending.start()
        ending.join(CLOSE_S)

    def _end(self) -> None:
        with suppress(OSError), self._locked(CALL_S):
            self._disconnect()

    # ------------------------------------------------------------------ the session

    def _call(self, ask: Callable[[Any, Any], Answer], wait_s: float = CALL_S) -> Answer:
        """One call, alone; a busy device is asked again, a session that broke is begun anew by the next call."""
        for again in reversed(range(BUSY_TRIES)):
            with self._locked(wait_s):
                if self._stale:
                    self._disconnect()
                if self._camera is None:
                    self._connect()
                try:
                    return ask(self._camera, self._context)
                except self._gp.GPhoto2Error as error:
                    fault = self._fault(error)
            if fault.errno != errno.EBUSY or not again:
                self._stale = self._stale or fault.errno in (errno.EIO, errno.ETIMEDOUT)
                raise fault
            time.sleep(BUSY_PAUSE_S)
        raise AssertionError("unreachable")

    @contextmanager
    def _locked(self, wait_s: float) -> Iterator[None]:
        if not self._lock.acquire(timeout=wait_s):
            raise OSError(errno.ETIMEDOUT, f"an earlier request has not ended after {wait_s:.0f} s")
        try:
            yield
        finally:
            self._lock.release()

    def _connect(self) -> None:
        """Begin a session; a device that a killed program left half-way is reset once."""
        if self._closed:
            raise OSError(errno.ENODEV, "the session has ended")
        self._stale = False
        with _taking_turns():
            try:
                self._camera, self._context = self._opened()
            except OSError as error:
                if error.errno in (errno.ENODEV, errno.EACCES):
                    raise
                self._reset()
                camera, context = self._opened()
                _direct("gp_camera_exit", camera, context)  # the first session after a reset was seen to list nothing
                self._camera, self._context = self._opened()

    def _opened(self) -> tuple[Any, Any]:
        gp = self._gp
        if not self.present():
            raise OSError(errno.ENODEV, "it is gone")
        if not os.access(self._node, os.R_OK | os.W_OK):
            raise OSError(errno.EACCES, f"no right to open {self._node}")
        try:
            camera, context = gp.Camera(), gp.Context()
            camera.set_abilities(_abilities_of(gp, self._plugged))
            _point(gp, camera, self._node)
            camera.init(context)
        except gp.GPhoto2Error as error:
            raise self._fault(error) from error
        return camera, context

    def _disconnect(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            with _taking_turns():
                _direct("gp_camera_exit", camera, self._context)

    def _reset(self) -> None:
        """Let the system reset the device in its port; it keeps its node."""
        with suppress(OSError):
            descriptor = os.open(self._node, os.O_WRONLY | os.O_CLOEXEC)
            try:
                fcntl.ioctl(descriptor, USBDEVFS_RESET, 0)
            finally:
                os.close(descriptor)

    def _fault(self, error: Any) -> OSError:
        """A refusal of libgphoto2 as the number `devices.mtp_tree` goes by."""
        gp = self._gp
        number = {
            gp.GP_ERROR_IO_USB_FIND: errno.ENODEV,
            gp.GP_ERROR_MODEL_NOT_FOUND: errno.ENODEV,
            gp.GP_ERROR_IO_USB_CLAIM: errno.EACCES,
            gp.GP_ERROR_IO_LOCK: errno.EACCES,
            gp.GP_ERROR_CAMERA_BUSY: errno.EBUSY,
            gp.GP_ERROR_TIMEOUT: errno.ETIMEDOUT,
            gp.GP_ERROR_FILE_NOT_FOUND: errno.ENOENT,
            gp.GP_ERROR_DIRECTORY_NOT_FOUND: errno.ENOENT,
            gp.GP_ERROR_FILE_EXISTS: errno.EEXIST,
            gp.GP_ERROR_NOT_SUPPORTED: errno.EOPNOTSUPP,
            gp.GP_ERROR_BAD_PARAMETERS: errno.EINVAL,
        }.get(error.code, errno.EIO)
        if number == errno.EIO and not self.present():
            number = errno.ENODEV
        return OSError(number, f"{error.string} ({error.code})")


@contextmanager
def _taking_turns() -> Iterator[None]:
    """libgphoto2 loads its parts for one at a time; a device that hangs in it holds others up for TURN_S at most."""
    if not _turn.acquire(timeout=TURN_S):
        raise OSError(errno.EBUSY, f"another device has been opened for {TURN_S:.0f} s")
    try:
        yield
    finally:
        _turn.release()


@cache
def _library() -> ctypes.CDLL:
    """The libgphoto2 that the package has loaded."""
    with open("/proc/self/maps") as maps:
        paths = [line.split(maxsplit=5)[-1].strip() for line in maps if "/libgphoto2.so" in line]
    assert paths, "the package gphoto2 is loaded, and with it the library"
    return ctypes.CDLL(paths[0])


def _direct(call: str, camera: Any, context: Any, *texts: str) -> int:
    """One call past the package, which would hold up every thread of the program while the device answers.

    It lets others run in all it is used for here but loading, and these two: ending a session, deleting.
    """
    pointers = [ctypes.c_void_p(int(one.this)) for one in (camera, context)]
    code: int = _library()[call](pointers[0], *(text.encode() for text in texts), pointers[1])
    return code


def _abilities_of(gp: ModuleType, plugged: Plugged) -> Any:
    """What libgphoto2 knows of this make of device, else of any that speaks PTP, else of any that speaks MTP."""
    listed = _known(gp)
    wanted = (int(plugged.vendor_id, 16), int(plugged.product_id, 16))
    for index in range(listed.count()):
        known = listed.get_abilities(index)
        if (known.usb_vendor, known.usb_product) == wanted and Path(known.library).name == "ptp2":
            return known
    general = "USB PTP Class Camera" if PTP_INTERFACE in plugged.interfaces else "MTP Device"
    return listed.get_abilities(listed.lookup_model(general))


def _known(gp: ModuleType) -> Any:
    """Every make of device libgphoto2 knows: loaded once, because that takes a second."""
    global _abilities
    if _abilities is None:
        listed = gp.CameraAbilitiesList()
        listed.load()
        _abilities = listed
    return _abilities


def _point(gp: ModuleType, camera: Any, node: Path) -> None:
    """Tell a camera its port; the list is made anew, to name what is plugged in now, and must outlive its entry."""
    ports = gp.PortInfoList()
    ports.load()
    wanted = f"usb:{node.parent.name},{node.name}"
    for index in range(ports.count()):
        if ports.get_info(index).get_path() == wanted:
            camera.set_port_info(ports.get_info(index))
            return
    raise OSError(errno.ENODEV, "it is gone")


def _names(listed: Any) -> tuple[str, ...]:
    return tuple(listed.get_name(index) for index in range(listed.count()))


def _wall(local: int) -> datetime:
    """The wall clock that libgphoto2 took for this process's local time."""
    return datetime.fromtimestamp(local, UTC).astimezone().replace(tzinfo=None)
