"""Bringing in files: a form that comes in pieces, with a note that is sealed; too much, broken and foreign ones leave
nothing behind."""

from __future__ import annotations

import os

import pytest

from catalog.clips.clips import manifest
from catalog.rules.callers import LOGIN, Caller
from catalog.trail import trail
from docking_station.services import upload
from docking_station.services.errors import UploadTooLarge
from docking_station.services.people import set_secret
from docking_station.station.errors import NotAllowed
from docking_station.station.station import Station
from review.multipart import Begin, Parts, boundary_of
from tests.fakes.callers import ME
from tests.fakes.people import caller
from tests.review.bureau import SECRET, form_token, signed_in
from tests.review.conftest import asking
from tests.scenario.dock import Dock

FORM = (
    b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b\r\n'
    b'Content-Disposition: form-data; name="f"; filename="\xe5\x9b\xbe%22.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    b"1\r\n--\r\n--c2\r\n--b--\r\n"
)
SAID = {"source": "phone", "who": "陈五", "at": "2026-03-05 14:00", "place": "锦绣养老院"}


@pytest.mark.parametrize("size", [1, 2, 7, len(FORM)])
def test_a_form_is_read_in_whatever_pieces_it_comes(size: int) -> None:
    parts, found, data = Parts(b"b"), list[Begin | bytes](), b""
    for at in range(0, len(FORM), size):
        for event in parts.feed(FORM[at : at + size]):
            if isinstance(event, bytes):
                data += event
            else:
                found += [event] if event is not None else [data]
                data = b""
    assert found == [Begin("a", None), b"x", Begin("f", '图".jpg'), b"1\r\n--\r\n--c2"]
    assert parts.is_whole


def test_what_is_no_form_with_files_is_refused() -> None:
    assert boundary_of('multipart/form-data; boundary="x y"') == b"x y"
    with pytest.raises(ValueError, match="multipart"):
        boundary_of("application/json")
    with pytest.raises(ValueError, match="too long"):
        list(Parts(b"b").feed(b"--b\r\n" + b"x" * 10_000))
    with pytest.raises(ValueError, match="name"):
        list(Parts(b"b").feed(b"--b\r\nx: y\r\n\r\n"))


def test_files_are_taken_in_with_their_note_and_offered_to_be_linked(bureau: Station) -> None:
    pages = asking(bureau)
    signed_in(pages)
    del pages.headers["x-csrf-token"]  # a form with files tells it in its first field
    said = {"form_token": form_token(pages), **SAID, "number": "0" * 16, "times": "1772690400000", "officer": "R0101"}
    files = [("files", ("../a.log", b"one", "text/plain")), ("files", ("a.log", b"two", "text/plain"))]
    answer = pages.post("/upload", data=said, files=files)
    assert answer.status_code == 303, answer.text
    clips = answer.headers["location"].removeprefix("/chosen?do=link&clip=").split("&clip=")
    rows = pages.get("/clips").text
    assert all(f'href="/clips/{clip}"' in rows for clip in clips)
    sealed = manifest(bureau.database, clips[0])
    note = upload.note_of(bureau, SAID)
    assert note.endswith("陈五 2026-03-05 14.00 锦绣养老院")
    assert (sealed.path, sealed.officer) == (f"{note}/a.log", "R0101")
    assert "Name 0101" in pages.get(f"/clips/{clips[0]}").text
    assert not any(bureau.home.uploads.iterdir())
    assert pages.get(f"/upload/{'0' * 16}").status_code == 404, "it is over"
    again = pages.post("/upload", data=said, files=files[:1])
    assert again.status_code == 303, "what is here already is offered too"
    assert "已入库 0 个，此前已有 1 个" in pages.get(again.headers["location"]).text


def test_words_behind_a_file_say_nothing(bureau: Station) -> None:
    pages = asking(bureau)
    signed_in(pages)
    late = FORM.replace(b'"a"', b'"form_token"').replace(b"\r\nx\r\n", b"\r\n%s\r\n" % form_token(pages).encode())
    more = b'--b\r\nContent-Disposition: form-data; name="number"\r\n\r\n0123456789abcdef\r\n--b\r\n'
    body = late[:-5] + more + FORM.split(b"--b\r\n")[2].replace(b".jpg", b".log")
    for kind, status in (("multipart/form-data; boundary=b", 303), ("multipart/form-data", 503)):
        assert pages.post("/upload", content=body, headers={"content-type": kind}).status_code == status


@pytest.mark.parametrize("case", ["no file", "foreign", "broken", "too large"])
def test_nothing_is_left_of_what_is_refused(bureau: Station, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    pages = asking(bureau)
    signed_in(pages)
    token, lines = form_token(pages), trail.size(bureau.database)
    said = {"form_token": "x" if case == "foreign" else token, **SAID}
    files = [("files", ("a.log", b"" if case == "no file" else b"one", "text/plain"))]
    if case == "no file":
        files = [("files", ("", b"", "text/plain"))]
    if case == "too large":
        monkeypatch.setattr(upload, "_room", lambda station: 10)
    if case == "broken":
        body = FORM[:-4].replace(b'"a"', b'"form_token"').replace(b"\r\nx\r\n", b"\r\n%s\r\n" % token.encode())
        answer = pages.post("/upload", content=body, headers={"content-type": "multipart/form-data; boundary=b"})
    else:
        answer = pages.post("/upload", data=said, files=files)
    assert answer.status_code == {"no file": 400, "foreign": 403, "broken": 503, "too large": 409}[case]
    assert not bureau.home.uploads.exists() or not any(bureau.home.uploads.iterdir())
    assert trail.size(bureau.database) == lines


def test_who_handles_nothing_brings_nothing_in(bureau: Station) -> None:
    with pytest.raises(NotAllowed):
        upload.begin_upload(bureau, caller("0103"), SAID, 1)


def test_what_was_left_behind_is_dropped_and_no_more_comes_than_was_said(dock: Dock) -> None:
    with dock.opened() as station:
        old = station.home.uploads / "old"
        old.mkdir(parents=True)
        os.utime(old, (1, 1))
        begun = upload.begin_upload(station, ME, {"source": "x", "who": "a/b"}, 1)
        assert begun.note.name == ("其他来源 a_b" if station.settings.language == "zh" else "other a_b")
        assert [one.name for one in station.home.uploads.iterdir()] == [begun.folder.name]
        assert begun.open("C:\\x\\a.jpg") == begun.note / "a.jpg"
        assert [begun.open(name).name for name in ("4-a.jpg", "b.jpg", "a.jpg")] == ["4-a.jpg", "b.jpg", "4-4-a.jpg"]
        with pytest.raises(UploadTooLarge):
            begun.demand_room(station.settings.upload_bytes + 1)
        begun.drop()


def test_an_officer_brings_in_nothing_as_a_colleagues(bureau: Station) -> None:
    set_secret(bureau, ME, "first", SECRET, [Caller("first", "first", LOGIN)])
    pages = asking(bureau)
    signed_in(pages, "first")
    del pages.headers["x-csrf-token"]
    files = [("files", ("a.log", b"one", "text/plain"))]
    for officer, status in (("R0102", 403), ("0102", 403), ("R0101", 303)):
        said = {"form_token": form_token(pages), **SAID, "number": "1" * 16, "times": "1", "officer": officer}
        assert pages.post("/upload", data=said, files=files).status_code == status
