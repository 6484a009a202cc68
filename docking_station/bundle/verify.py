#!/usr/bin/env python3
"""Checks the evidence bundle this file lies in (证据包核验), offline, with nothing but Python 3.8 or newer.

    python3 verify.py [--lang zh|en] [--key ID] [--no-sm3] [FOLDER]

Exit status 0: everything holds; 1: something does not, each thing by its name; 2: this is no bundle. It reads every
byte: SHA-256 and SM3 (GB/T 32905) of each original, Ed25519 or SM2 signatures over its manifest and `index.json`,
which lists every file here, and proofs (RFC 9162) that the trail's lines about the clips stand in the station's tree.
What it cannot know is whose key that is: compare its number with the one the bureau gives, or give that with --key.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import locale
import os
import runpy
import sys
from typing import Any

SM2 = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sm2.py")  # there where a bundle needs it
UNLISTED = {"index.json", "index.json.sig", "tagmanifest-sha256.txt"}  # these cannot stand in the index themselves
NAMES = {"report": ("REPORT EDITED", "报告被改动"), "data/timestamps/": ("TIMESTAMP FORGED", "时间戳被伪造")}
NAMES.update({"data/trail/": ("TRAIL EDITED", "留痕被改动"), "": ("CHANGED", "被改动")})
PROBLEMS = (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError)  # what a damaged document leads to


class Sm3:  # the digest in plain Python; about 300 KB a second
    def __init__(self) -> None:
        iv = "7380166f4914b2b9172442d7da8a0600a96f30bc163138aae38dee4db0fb0e4e"
        self.state, self.rest, self.size = [int(iv[i : i + 8], 16) for i in range(0, 64, 8)], b"", 0

    def update(self, data: bytes) -> None:
        data, self.size = self.rest + bytes(data), self.size + len(data)
        whole = len(data) - len(data) % 64
        for start in range(0, whole, 64):
            self._block(data[start : start + 64])
        self.rest = data[whole:]

    def hexdigest(self) -> str:
        self.update(b"\x80" + bytes((55 - self.size) % 64) + (self.size * 8).to_bytes(8, "big"))
        return "".join(format(word, "08x") for word in self.state)

    def _block(self, block: bytes) -> None:
        w = [int.from_bytes(block[i : i + 4], "big") for i in range(0, 64, 4)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ rotated(w[j - 3], 15)
            w.append(x ^ rotated(x, 15) ^ rotated(x, 23) ^ rotated(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = self.state
        for j in range(64):
            a12 = rotated(a, 12)
            ss1 = rotated((a12 + e + rotated(0x79CC4519 if j < 16 else 0x7A879D8A, j % 32)) & 0xFFFFFFFF, 7)
            ff, gg = (a ^ b ^ c, e ^ f ^ g) if j < 16 else (a & b | a & c | b & c, e & f | ~e & g)
            tt1, tt2 = (ff + d + (ss1 ^ a12) + (w[j] ^ w[j + 4])) & 0xFFFFFFFF, (gg + h + ss1 + w[j]) & 0xFFFFFFFF
            a, b, c, d = tt1, a, rotated(b, 9), c
            e, f, g, h = tt2 ^ rotated(tt2, 9) ^ rotated(tt2, 17), e, rotated(f, 19), g
        self.state = [x ^ y for x, y in zip(self.state, (a, b, c, d, e, f, g, h))]


def rotated(word: int, bits: int) -> int:
    return (word << bits | word >> (32 - bits)) & 0xFFFFFFFF


NEW_SM3: Any = (lambda: hashlib.new("sm3")) if "sm3" in hashlib.algorithms_available else Sm3
P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, P - 2, P) % P, pow(2, (P - 1) // 4, P)


def point_sum(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    x, y = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    u, v = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = y - x, v - u, v + u, y + x
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiple(number: int, point: tuple[int, ...]) -> tuple[int, ...]:
    total: tuple[int, ...] = (0, 1, 1, 0)
    while number:
        total = point_sum(total, point) if number & 1 else total
        point, number = point_sum(point, point), number >> 1
    return total


def point(raw: bytes) -> tuple[int, ...]:
    y, sign = int.from_bytes(raw, "little") & (1 << 255) - 1, raw[31] >> 7
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if x * x % P == x2 else x * ROOT % P
    if y >= P or x * x % P != x2 or (x == 0 and sign):
        raise ValueError("not a point of Ed25519")
    x = x if x & 1 == sign else P - x
    return (x, y, 1, x * y % P)


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(key: bytes, body: bytes, signature: bytes) -> bool:
    """Whether `signature` over `body` is by the raw public key `key`: Ed25519 (RFC 8032, 6), or SM2 by sm2.py."""
    if len(key) == 65 and not os.path.exists(SM2):
        raise ValueError("SM2 signature NOT CHECKED (未核验): sm2.py is missing; README.txt tells openssl's command")
    if len(key) == 65:
        return bool(runpy.run_path(SM2)["signed"](key, body, signature, NEW_SM3))
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if len(key) != 32 or len(signature) != 64 or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(r + key + body).digest(), "little") % Q
    try:
        left, right = multiple(s, BASE), point_sum(point(r), multiple(h, point(key)))
    except ValueError:
        return False
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


def included(line: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    fn, sn, value = index, size - 1, hashlib.sha256(b"\x00" + line).digest()
    for step in path:
        if sn == 0:
            return False
        on_the_right = fn & 1 or fn == sn
        value = hashlib.sha256(b"\x01" + (step + value if on_the_right else value + step)).digest()
        while on_the_right and fn and not fn & 1:
            fn, sn = fn >> 1, sn >> 1
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and value == root


class Check:
    """One run over a bundle: says line by line, in English or Chinese, what holds (√) and what does not (×)."""

    def __init__(self, folder: str, chinese: bool, with_sm3: bool) -> None:
        self.folder, self.chinese, self.with_sm3, self.faults = folder, chinese, with_sm3, 0
        self.found: dict[str, tuple[str, str, int]] = {}  # path -> SHA-256, SM3 and size as computed here
        self.keys: dict[str, bytes] = {}

    def say(self, sign: str, english: str, chinese: str) -> None:  # what could harm a terminal is written out
        text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in (chinese if self.chinese else english))
        sys.stdout.buffer.write(f"{sign} {text}\n".encode(sys.stdout.encoding or "utf-8", "backslashreplace"))
        self.faults += sign == "×"

    def place(self, path: str) -> str:  # ValueError where it leads out of the bundle
        whole = os.path.join(self.folder, path)
        away = ".." in path.split("/") or os.path.isabs(path) or os.path.islink(whole)
        if away or (os.path.exists(whole) and not os.path.isfile(whole)):  # reading a pipe would never end
            raise ValueError(f"{path} leads out of the bundle, or is no file")
        return whole

    def read(self, path: str) -> bytes:
        with open(self.place(path), "rb") as file:
            return file.read(1 << 30)

    def digests(self, path: str) -> tuple[str, str, int]:
        """SHA-256, of an original SM3 too, and the size, in one read of bounded memory."""
        sha256, other, size = hashlib.sha256(), NEW_SM3(), 0
        with open(self.place(path), "rb") as file:
            while block := file.read(1 << 20):
                sha256.update(block)
                if self.with_sm3 and path.startswith("data/originals/"):
                    other.update(block)
                size += len(block)
        return sha256.hexdigest(), other.hexdigest(), size

    def run(self, wanted: str | None) -> int:
        try:
            index = json.loads(self.read("index.json"))
            key, name, at, where = index["key_id"], index["bundle"], index["made_at"], index["station"]
        except PROBLEMS as error:
            self.say("×", f"{self.folder} is no evidence bundle: {error!r}", f"{self.folder} 不是证据包:{error!r}")
            return 2
        self.say("-", f"bundle {name}, made {at} at station {where}", f"证据包 {name},{at} 由采集站 {where} 制作")
        if wanted not in (None, key):
            self.say("×", f"OTHER KEY: signed by {key}, not {wanted}", f"密钥不符:签名密钥为 {key},不是 {wanted}")
        for step in (self.signature, self.files, self.clips, self.trail, self.checkpoint, self.bag):
            before = self.faults
            try:
                english, chinese = step(index)
                if self.faults == before:
                    self.say("√", english, chinese)
            except PROBLEMS as error:
                self.say("×", f"UNREADABLE ({step.__name__}): {error!r}", f"无法读取({step.__name__}):{error!r}")
        good = f"ALL OF IT HOLDS, if the bureau's key is {key}", f"全部成立;请向办案单位核对密钥编号 {key}"
        bad = f"{self.faults} THINGS DO NOT HOLD", f"有 {self.faults} 项不成立"
        self.say("=", *(bad if self.faults else good))
        return 1 if self.faults else 0

    def signature(self, index: Any) -> tuple[str, str]:
        """The keys are what they are called, and the index is signed by one of them."""
        for number, path in index["keys"].items():
            der = base64.b64decode(b"".join(self.read(path).splitlines()[1:-1]))
            raw = self.keys[number] = der[12 if len(der) == 44 else 26 :]
            if hashlib.sha256(raw).hexdigest()[:16] != number:
                self.say("×", f"KEY EXCHANGED: {path} is not key {number}", f"公钥被替换:{path} 不是密钥 {number}")
        for path in index.get("key_history", []):
            change = json.loads(self.read(path))
            told, by = json.loads(change["body"]), change["signatures"]
            for raw in (base64.b64decode(told[one]) for one in ("old", "new")):
                signature = base64.b64decode(by.get(hashlib.sha256(raw).hexdigest()[:16], ""))
                if not signed(raw, change["body"].encode(), signature):
                    self.say("×", f"KEY HISTORY FORGED: {path}", f"密钥沿革被伪造:{path}")
        if not signed(self.keys[key := index["key_id"]], self.read("index.json"), self.read("index.json.sig")):
            self.say("×", f"INDEX EDITED: it is not signed by key {key}", f"索引被改动:密钥 {key} 的签名不成立")
        return f"the index is signed by key {key}", f"索引由密钥 {key} 签名"

    def files(self, index: Any) -> tuple[str, str]:  # each with its bytes, and no other
        there, count = set(), len(index["files"])
        for place, folders, names in os.walk(self.folder):
            paths = [os.path.join(place, name) for name in names + folders]
            paths = [path for path in paths if os.path.islink(path) or not os.path.isdir(path)]
            there |= {os.path.relpath(path, self.folder).replace(os.sep, "/") for path in paths}
        owners = {file["sha256"]: file["path"] for file in index["files"]}
        for path, sha256 in ((file["path"], file["sha256"]) for file in index["files"]):
            if path not in there:
                self.say("×", f"REMOVED: {path} is missing", f"被删除:缺少 {path}")
                continue
            found, _, _ = self.found[path] = self.digests(path)
            if found != sha256 and found in owners:
                self.say("×", f"SWAPPED: {path} holds {owners[found]}", f"被调换:{path} 的内容实为 {owners[found]}")
            elif found != sha256:
                english, chinese = next(name for start, name in NAMES.items() if path.startswith(start))
                self.say("×", f"{english}: {path} is not what was exported", f"{chinese}:{path} 与导出时不一致")
        for path in sorted(there - {file["path"] for file in index["files"]} - UNLISTED):
            self.say("×", f"ADDED: {path} does not belong here", f"被添加:{path} 不属于本证据包")
        return f"{count} files, none changed or added", f"{count} 个文件齐全、未改动、无添加"

    def clips(self, index: Any) -> tuple[str, str]:  # as its signed manifest says; stamps are about that
        for clip in index["clips"]:
            path, body, found = clip["original"], self.read(clip["manifest"]), self.found.get(clip["original"])
            manifest = json.loads(body)
            if not signed(self.keys[manifest["sealing"]["key_id"]], body, self.read(clip["signature"])):
                self.say("×", f"SIGNATURE: the manifest of {path} is not signed", f"签名不成立:{path} 的清单")
            sealed = (manifest["digests"]["sha256"], manifest["digests"]["sm3"], manifest["source"]["size_bytes"])
            pairs = zip(("SHA-256", "SM3", "size"), found or sealed, sealed)
            differing = ", ".join(name for name, a, b in pairs if a != b and (self.with_sm3 or name != "SM3"))
            if differing or manifest["clip"] != clip["clip"]:
                self.say("×", f"NOT AS SEALED: {path} ({differing})", f"与封存不符:{path}({differing})")
            stamp = clip["timestamp"] and self.read(clip["timestamp"])
            if stamp and b"\x04\x20" + hashlib.sha256(body).digest() not in stamp:
                self.say("×", f"TIMESTAMP FORGED: it is not about {path}", f"时间戳被伪造:与 {path} 无关")
        told = f"{len(index['clips'])}, SHA-256" + (", SM3" if self.with_sm3 else "")
        return f"all clips are as sealed ({told})", f"资料均与封存时一致({told})"

    def trail(self, index: Any) -> tuple[str, str]:  # every line is here, under the signed roots
        trail, filed = index["trail"], set()
        bodies = {json.loads(body)["line"]: body for body in self.read(trail["lines"]).splitlines()}
        trees, proofs = [tree for tree in (trail, trail["checkpoint"]) if tree], json.loads(self.read(trail["proofs"]))
        for number in trail["numbers"]:
            if number not in bodies:
                self.say("×", f"TRAIL TRUNCATED: line {number} is missing", f"留痕被截断:缺少第 {number} 条")
                continue
            for tree in (tree for tree in trees if number <= tree["size"]):
                path = [bytes.fromhex(step) for step in proofs[str(tree["size"])][str(number)]]
                if not included(bodies[number], number - 1, tree["size"], path, bytes.fromhex(tree["root"])):
                    self.say("×", f"TRAIL: line {number} is not under the root", f"留痕:第 {number} 条不在根哈希之下")
            line = json.loads(bodies[number])
            if line["action"] == "clip.filed":
                filed.add((line["subject"], json.loads(line["details"])["manifest"]))
        for clip in index["clips"]:
            if (clip["clip"], self.found[clip["manifest"]][0]) not in filed:
                self.say("×", f"TRAIL: {clip['original']} was never filed", f"留痕:没有 {clip['original']} 的入库记录")
        return f"lines in the trail: {len(bodies)}/{trail['size']}", f"留痕树中:{len(bodies)}/{trail['size']} 条"

    def checkpoint(self, index: Any) -> tuple[str, str]:  # a signed note (C2SP) says size and root
        if not (told := index["trail"]["checkpoint"]):
            return "the trail's root is signed in this bundle alone", "留痕树的根哈希仅由本证据包签名"
        text, _, signatures = self.read(told["path"]).partition(b"\n\n")
        lines, raws = text.split(b"\n"), [base64.b64decode(line.split()[-1])[4:] for line in signatures.splitlines()]
        good = any(signed(key, text + b"\n", raw) for key in self.keys.values() for raw in raws)
        if not good or (int(lines[1]), base64.b64decode(lines[2]).hex()) != (told["size"], told["root"]):
            self.say("×", f"CHECKPOINT FORGED: {told['path']}", f"检查点被伪造:{told['path']}")
        return f"a checkpoint of {told['size']} lines agrees", f"与 {told['size']} 条的检查点一致"

    def bag(self, index: Any) -> tuple[str, str]:
        every = {(path, found[0]) for path, found in self.found.items()}
        every |= {(path, self.digests(path)[0]) for path in ("index.json", "index.json.sig")}
        payload = {(path, sha256) for path, sha256 in every if path.startswith("data/")}
        for name, wanted in (("manifest-sha256.txt", payload), ("tagmanifest-sha256.txt", every - payload)):
            lines = (line.split("  ", 1) for line in self.read(name).decode().split("\n")[:-1])
            for path in sorted({path for path, _ in wanted ^ {(path, sha256) for sha256, path in lines}}):
                self.say("×", f"BAGIT: {name} differs for {path}", f"BagIt 清单 {name} 与 {path} 不符")
        return "both BagIt manifests agree", "两份 BagIt 清单一致"


def main() -> int:
    parser = argparse.ArgumentParser(description="Check an evidence bundle (核验证据包).")
    parser.add_argument("folder", nargs="?", default=os.path.dirname(os.path.abspath(__file__)), help="文件夹")
    parser.add_argument("--lang", choices=("zh", "en"), help="language (语言)")
    parser.add_argument("--key", help="number of the key the bureau names (密钥编号)")
    parser.add_argument("--no-sm3", action="store_true", help="SHA-256 only, where SM3 is slow (不计算 SM3)")
    given = parser.parse_args()
    stated = [given.lang, *(os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))]
    chinese = next(filter(None, stated), locale.setlocale(locale.LC_CTYPE))[:2].lower() in ("zh", "ch")
    return Check(given.folder, chinese, not given.no_sm3).run(given.key)


if __name__ == "__main__":
    sys.exit(main())
