"""The parts of a bundle: names, what other tools read, what the checker computes by itself, the printed report."""

from __future__ import annotations

import ast
import hashlib
import json
import shutil
import subprocess
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.rules import merkle
from docking_station.bundle import export, names, report, report_html, shapes, verify
from docking_station.bundle.encrypting import encrypt_folder, recipients
from docking_station.bundle.errors import BadRecipient
from vault import sm2
from vault.signature import public_pem

VERIFY_LINES_MAX = 299
NASTY = st.text(st.sampled_from('aA.%/\\: -~\n\r\x00\x1b"é‮行CONux\u2028\x85')).map(lambda text: text.replace("/", ""))


# ---------------------------------------------------------------------- names


@given(st.lists(NASTY, max_size=12))
def test_names_are_harmless_and_no_two_alike(raw: list[str]) -> None:
    found = names.names_in_bundle([(f"c{number}", f"DCIM/{name}") for number, name in enumerate(raw)])
    assert len({name.casefold() for name in found.values()}) == len(raw)
    for name in found.values():
        assert name
        assert name[0] not in "-. ~"
        assert name[-1] not in ". "
        assert not set(name) & set('\u2028\x85%/\\:*?"<>|\n\r\x00\x1b')
        assert unicodedata.normalize("NFC", name) == name
        assert name[0] not in "=+@"
        assert len(name.encode()) <= 255


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("A.MP4", "A.MP4"),
        ("行车.mp4", "行车.mp4"),
        ("CON.txt", "_CON.txt"),
        ("ascmhl", "_ascmhl"),
        ("..", "clip"),
        ("-.:", "_"),
        ("=cmd|' /C calc'!A0.mp4", "cmd_' _C calc'!A0.mp4"),
        ("COM¹.txt", "_COM¹.txt"),
        ("con .log", "_con .log"),
        ("CONIN$", "_CONIN$"),
        ("a\u2028b.log", "a_b.log"),
        ("x" * 300 + ".mp4", "x" * 96 + ".mp4"),
        ("x" * 300, "x" * 50),
        ("\U0001f600" * 60 + ".mp4", "\U0001f600" * 48 + ".mp4"),
    ],
)
def test_a_good_name_stays_and_a_bad_one_gives_way(raw: str, wanted: str) -> None:
    assert names.plain_name(raw) == wanted


def test_a_name_made_to_collide_does_not() -> None:
    found = names.names_in_bundle([("c1", "x-c3.mp4"), ("c2", "x.mp4"), ("c3", "a/X.mp4")])
    assert len({name.casefold() for name in found.values()}) == 3


# ---------------------------------------------------------------------- what other tools read


def test_c4_is_what_its_makers_compute() -> None:
    digest = hashlib.sha512(b"hi\n").digest()
    wanted = "c45JwjSStebbqWE4Ukh496L9zUAZE7EbVveaDe4yzmnP5kow3C9JStUszZv73GPusuodQALjBedm4GWKA6f7zrBaKu"
    assert shapes.c4(digest) == wanted
    assert shapes.c4(bytes(64)) == "c4" + "1" * 88


def test_a_hostile_name_stays_a_name_in_xml_and_in_the_page() -> None:
    name = "<b>&\"'.mp4"
    body = shapes.media_hash_list([shapes.Media(name, 3, bytes(64))], datetime(2026, 3, 5, tzinfo=UTC), "<x>")
    (path,) = (one for one in ElementTree.fromstring(body).iter() if one.tag.endswith("}path"))
    assert path.text == name
    page = report_html.html(report.Report("<t>", "zh", (report.Table(("<h>",), (("<script>",),), (1,)),))).decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_line_break_makes_no_field_in_bag_info() -> None:
    at = datetime(2026, 3, 5, tzinfo=UTC)
    body = shapes.bag_info(shapes.BagInfo("a\nEvil: b", "n", at, 5, 1, "x"))
    assert b"Source-Organization: a Evil: b\n" in body
    assert b"Payload-Oxum: 5.1\n" in body


# ---------------------------------------------------------------------- the checker's own sums


def test_the_checker_can_be_read_aloud() -> None:
    assert Path(verify.__file__).read_text().count("\n") <= VERIFY_LINES_MAX


def test_the_checker_knows_the_part_for_sm2() -> None:
    assert hashlib.sha256(Path(sm2.__file__).read_bytes()).hexdigest() == verify.SM2


@pytest.mark.parametrize("path", [verify.__file__, sm2.__file__])
def test_what_lies_in_bundles_is_written_for_the_oldest_python_it_names(path: str) -> None:
    """`python3 verify.py` begins with "3.8 or newer"; 3.8 and 3.9 take no `:=` in an index without brackets."""
    text = Path(path).read_text()
    ast.parse(text, feature_version=(3, 8))
    lines = text.encode().splitlines()
    bare = [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.NamedExpr)
        and lines[node.slice.lineno - 1][: node.slice.col_offset].rstrip()[-1:] != b"("
    ]
    assert bare == []


def test_the_checker_runs_on_the_oldest_python_there_is(tmp_path: Path) -> None:
    """What only an old parser refuses; skipped where there is no old Python."""
    old = [found for name in ("python3.8", "python3.9") if (found := shutil.which(name)) and _runs(found)]
    if not old:
        pytest.skip("no Python older than 3.10 is here")
    for program in old:
        run = subprocess.run([program, "-I", verify.__file__, tmp_path], capture_output=True, timeout=60, check=False)
        assert (run.returncode, run.stderr) == (2, b"")


def _runs(program: str) -> bool:
    """Whether it is a Python and not a stand-in for one that is not installed."""
    return subprocess.run([program, "-c", ""], capture_output=True, timeout=60, check=False).returncode == 0


@pytest.mark.parametrize("size", [0, 3, 55, 56, 63, 64, 65, 119, 120, 1000])
def test_plain_sm3_is_that_of_openssl(size: int) -> None:
    data, sm3 = bytes(range(256)) * 4, verify.Sm3()
    for start in range(0, size, 37):
        sm3.update(data[start : min(start + 37, size)])
    assert sm3.hexdigest() == hashlib.new("sm3", data[:size]).hexdigest()


@settings(deadline=None, max_examples=20)
@given(st.binary(max_size=200), st.integers(0, 511))
def test_plain_ed25519_is_that_of_openssl(body: bytes, bit: int) -> None:
    private = Ed25519PrivateKey.generate()
    public, signature = private.public_key().public_bytes_raw(), bytearray(private.sign(body))
    assert verify.signed(public, body, bytes(signature))
    assert not verify.signed(public, body + b"x", bytes(signature))
    signature[bit // 8] ^= 1 << bit % 8
    assert not verify.signed(public, body, bytes(signature))


def test_an_index_that_changes_between_two_readings_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a storage could that knows the checker: what is told first is not what is signed."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key()
    raw = public.public_bytes_raw()
    key = hashlib.sha256(raw).hexdigest()[:16]
    told = {"bundle": "b", "made_at": "t", "station": "s", "key_id": key, "keys": {key: "k"}}
    signed = json.dumps(told).encode()
    (tmp_path / "k").write_bytes(public_pem(public))
    (tmp_path / "index.json.sig").write_bytes(private.sign(signed))
    given = [json.dumps(told | {"bundle": "forged"}).encode(), signed]
    read = verify.Check.read

    def changing(check: verify.Check, path: str) -> bytes:
        return given.pop(0) if path == "index.json" else read(check, path)

    monkeypatch.setattr(verify.Check, "read", changing)
    assert verify.Check(str(tmp_path), False, True).run(None) == 1
    assert "INDEX EDITED" in capsys.readouterr().out


@pytest.mark.parametrize(("sealed_at", "asked"), [("2026-03-04", False), ("2026-03-05", False), ("2026-03-06", True)])
def test_what_a_replaced_key_sealed_is_pointed_out(
    sealed_at: str, asked: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    private = Ed25519PrivateKey.generate()
    digests = {"sha256": "a", "sm3": "b"}
    sealing = {"key_id": "k", "at": sealed_at}
    manifest = {"clip": "c", "sealing": sealing, "digests": digests, "source": {"size_bytes": 3}}
    (tmp_path / "m").write_bytes(json.dumps(manifest).encode())
    (tmp_path / "m.sig").write_bytes(private.sign((tmp_path / "m").read_bytes()))
    check = verify.Check(str(tmp_path), False, True)
    check.keys["k"], check.ended["k"] = private.public_key().public_bytes_raw(), "2026-03-05"
    check.found["o"] = ("a", "b", 3)
    told = {"clip": "c", "original": "o", "manifest": "m", "signature": "m.sig", "timestamp": None}
    check.clips({"clips": [told]})
    assert check.faults == 0
    assert ("ASK WHY key k sealed o" in capsys.readouterr().out) == asked


@pytest.mark.parametrize(("key", "signature"), [(b"", bytes(64)), (bytes(32), b""), (b"\xff" * 32, bytes(64))])
def test_what_is_no_key_signs_nothing(key: bytes, signature: bytes) -> None:
    assert not verify.signed(key, b"", signature)


@given(st.lists(st.binary(max_size=6), min_size=1, max_size=40), st.data())
def test_inclusion_is_that_of_the_trail(lines: list[bytes], data: st.DataObject) -> None:
    nodes: dict[tuple[int, int], bytes] = {}

    def node(level: int, position: int) -> bytes:
        return nodes[level, position]

    for index, line in enumerate(lines):
        nodes[0, index] = merkle.leaf_hash(line)
        for level, position, value in merkle.completed(index, nodes[0, index], node):
            nodes[level, position] = value
    index, size = data.draw(st.integers(0, len(lines) - 1)), len(lines)
    path, root = list(merkle.inclusion_proof(index, size, node)), merkle.root(size, node)
    leaf, other = nodes[0, index], merkle.leaf_hash(lines[index] + b"x")
    assert verify.root_over(leaf, index, size, path) == root
    wrong = [(other, index, size, path), (leaf, index, size, [*path, root]), (leaf, index, size, path[1:])]
    wrong += [(leaf, place, size, path) for place in (index + size, index - size, -1, size) if place != index]
    for one in [case for case in wrong if case != (leaf, index, size, path)]:
        assert verify.root_over(*one) != root


# ---------------------------------------------------------------------- print and encryption


@pytest.mark.parametrize(
    ("seconds", "told"), [(1.007, "1.007 s"), (119, "119 s"), (900, "15 min"), (44100, "12 h 15 min"), (7141, "2 h")]
)
def test_how_far_off_a_time_may_be_is_told_to_people(seconds: float, told: str) -> None:
    assert report._span(seconds, report.Speech("en")) == told


def test_details_and_zones_are_told_in_words() -> None:
    say = report.Speech("zh")
    told = report._details('{"case":"C1","recipients":["age1","age2"],"to":null,"other":{"a":1}}', say)
    assert told == '案件: C1; 加密接收方: age1, age2; other: {"a": 1}'
    assert [report._zone(zone, say) for zone in ("stated UTC", "assumed +08:00", "as if UTC", None, "x")] == [
        "自带时区 UTC", "推定时区 +08:00", "按 UTC", "", "x",
    ]  # fmt: skip


def test_two_bundles_of_one_second_are_two(tmp_path: Path) -> None:
    (tmp_path / ".a.name").touch()  # of one that was killed
    with export._named(tmp_path, "a") as first, export._named(tmp_path, "a") as second:
        assert (first, second) == ("a", "a-2")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "a").mkdir()
    (tmp_path / "a-2.tar.age").touch()
    with export._named(tmp_path, "a") as third:
        assert third == "a-3"


def test_the_mark_of_an_export_that_was_killed_goes_with_the_next(tmp_path: Path) -> None:
    (tmp_path / ".2026-7-20260305T090000Z.name").touch()
    (tmp_path / ".somebody-20260305T090000Z.name").write_bytes(b"somebody's own")
    with export._named(tmp_path, "b-20260305T100000Z"), export._named(tmp_path, "c-20260305T100000Z"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [".somebody-20260305T090000Z.name"]


def test_of_many_at_once_each_has_a_name_of_its_own(tmp_path: Path) -> None:
    together = threading.Barrier(8)

    def take(_: int) -> str:
        together.wait()
        with export._named(tmp_path, "a") as name:
            (tmp_path / name).mkdir()  # fails where two have it
        return name

    for _ in range(5):
        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(take, range(8)))) == 8
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("text", ["", "age1xyz", "ssh-ed25519 AAAA", "root@host"])
def test_who_can_be_encrypted_to_is_checked(text: str) -> None:
    pytest.importorskip("pyrage")
    with pytest.raises(BadRecipient):
        recipients([text])


@pytest.mark.parametrize("harm", ["no room", "gone"])
def test_a_failed_encryption_is_an_error_of_the_disk(tmp_path: Path, harm: str) -> None:
    pyrage = pytest.importorskip("pyrage")
    readers = recipients([str(pyrage.x25519.Identity.generate().to_public())])
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "large").write_bytes(bytes(4 << 20))
    do: dict[str, Callable[[], None]] = {
        "no room": lambda: encrypt_folder(folder, "x", Path("/dev/full"), readers),
        "gone": lambda: encrypt_folder(tmp_path / "none", "x", tmp_path / "x.age", readers),
    }
    with pytest.raises(OSError, match=r"No space|No such file"):
        do[harm]()
