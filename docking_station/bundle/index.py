"""The documents of a bundle (证据包文件): index, trail, proofs, words for the reader.

Schema `evidock.bundle/1`, canonical JSON: the index lists every file with size and SHA-256, but for itself, its
signature and the tag manifest; the station signs it, and so all it lists. docs/evidence-handling.md describes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from catalog.rules.canonical import canonical, time_text
from catalog.trail import trail
from docking_station.bundle.facts import MANIFESTS, ORIGINALS, TIMESTAMPS, TRAIL, Facts, Item

SCHEMA = "evidock.bundle/1"
LINES, PROOFS, NOTE = f"{TRAIL}/lines.jsonl", f"{TRAIL}/proofs.json", f"{TRAIL}/checkpoint.txt"
AUTHORITY = f"{TIMESTAMPS}/authority.pem"
"""The certificates that stand behind the time stamps."""


def manifest_path(item: Item) -> str:
    """Where a clip's manifest lies; its signature has `.sig` behind it."""
    return f"{MANIFESTS}/{item.clip}.json"


def stamp_path(item: Item) -> str:
    """Where a clip's timestamp lies."""
    return f"{TIMESTAMPS}/{item.clip}.tsr"


def index(facts: Facts, keys: Mapping[str, str], history: Iterable[str], files: Mapping[str, tuple[int, str]]) -> bytes:
    """The index; `keys` are paths by key id, `history` those of changes, `files` size and SHA-256 by path."""
    case, checkpoint = facts.case, None
    if facts.checkpoint is not None:
        note, _ = facts.checkpoint
        checkpoint = {"path": NOTE, "size": note.size, "root": note.root}
    return canonical(
        {
            "schema": SCHEMA,
            "bundle": facts.name,
            "made_at": time_text(facts.at),
            "made_by": facts.by,
            "station": facts.station,
            "case": None if case is None else {"no": case.called, "title": case.title, "subject": case.subject},
            "request": facts.request,
            "key_id": facts.key_id,
            "keys": dict(keys),
            "key_history": list(history),
            "clips": [_clip(item) for item in facts.items],
            "trail": {
                "lines": LINES,
                "proofs": PROOFS,
                "numbers": [line.line for line in facts.lines],
                "size": facts.proofs.size,
                "root": facts.proofs.root,
                "checkpoint": checkpoint,
            },
            "files": [{"path": path, "size_bytes": size, "sha256": sha} for path, (size, sha) in sorted(files.items())],
        }
    )


def _clip(item: Item) -> dict[str, Any]:
    return {
        "no": item.no,
        "clip": item.clip,
        "original": f"{ORIGINALS}/{item.name}",
        "path": item.manifest.path,
        "path_hex": item.manifest.path_hex,
        "size_bytes": item.size_bytes,
        "sha256": item.sha256,
        "sm3": item.manifest.sm3,
        "case": item.case,
        "manifest": manifest_path(item),
        "signature": f"{manifest_path(item)}.sig",
        "key_id": item.document.key_id,
        "timestamp": stamp_path(item) if item.timestamp is not None else None,
    }


def trail_lines(facts: Facts) -> bytes:
    """The lines, each exactly the bytes its leaf hash is over."""
    return b"".join(trail.line_bytes(line.line, line.entry, line.details) + b"\n" for line in facts.lines)


def proofs(facts: Facts) -> bytes:
    """Inclusion paths by size of the tree and number of the line."""
    every = [facts.proofs, *([facts.checkpoint[1]] if facts.checkpoint is not None else [])]
    found = {str(one.size): {str(line): list(path) for line, path in one.paths.items()} for one in every}
    return json.dumps(found, sort_keys=True, separators=(",", ":")).encode()


def readme(facts: Facts) -> bytes:
    """How to check the bundle, for a person who has only it."""
    return _README.format(name=facts.name, key=facts.key_id).encode()


_README = """\
证据包 {name}
Evidence bundle {name}

核验（无需联网，只需 Python 3.8 或以上） / Check it (no network, nothing but Python 3.8 or newer):

    python3 verify.py                  (--lang zh | en)
    python3 verify.py --key {key}

每行开头 / each line begins with:  √ 成立 / it is so   × 不成立或未能核验 / it is not, or could not be checked
    ! 须另行询问 / ask a person    = 结论 / the verdict  (Windows: py verify.py)

密钥编号须另行向办案单位核对，不可只以本文件为准。
Ask the bureau by another way whether its key is this one; do not take it from this file alone.

报告 / the report:  report.zh.html  report.en.html  (若有 / if made: report.zh.pdf  report.en.pdf)
原件 / originals:   data/originals
清单与签名 / manifests and signatures: data/manifests
操作留痕 / trail: data/trail
公钥 / public keys: keys

用其他厂商的程序核验 / with programs of other makers, in this folder:

    sha256sum -c manifest-sha256.txt tagmanifest-sha256.txt
    openssl dgst -sm3 data/originals/NAME
    openssl pkeyutl -verify -pubin -inkey keys/{key}.pub.pem -rawin -in index.json -sigfile index.json.sig
    openssl pkeyutl -verify -pubin -inkey keys/KEY.pub.pem -rawin -in data/manifests/ID.json \\
        -sigfile data/manifests/ID.json.sig
    国密 SM2 密钥时在其后加 / with an SM2 key, add:  -digest sm3 -pkeyopt distid:1234567812345678
    bagit.py --validate .                       (PyPI: bagit)
    ascmhl-debug verify data/originals          (PyPI: ascmhl)
    openssl ts -verify -data data/manifests/ID.json -in data/timestamps/ID.tsr -CAfile data/timestamps/authority.pem

时间戳证书（若有）同样须与服务方公布的核对；密钥沿革见 keys/history。
Compare the certificates of the time stamps (if any) with what the authority publishes; keys/history: how keys followed.

请勿在本文件夹中增删文件：任何改动都会被指出。需要查看时请先复制。
Add and remove nothing here: any change is named. Work on a copy.
"""
