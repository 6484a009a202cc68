#!/usr/bin/env python3
"""Checks the evidence bundle this file lies in (证据包核验), offline, with nothing but Python 3.8 or newer.
`python3 verify.py [--lang zh|en] [--key ID] [--no-sm3] [FOLDER]` ends with status 0: all it checks holds; 1: some does
not, each thing by its name; 2: this is no bundle. It reads every byte: SHA-256 and SM3 (GB/T 32905) of each original,
signatures (Ed25519, SM2) over its manifest and over `index.json`, which lists all files, and proofs (RFC 9162) that the
trail's lines stand in its tree. Not: whose key it is (ask the bureau: --key), who signed time stamps (README.txt)."""

from __future__ import annotations

import sys

if __name__ == "__main__" and not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
    del sys.path[0]  # this folder: a file added to it with the name of a part of Python would run in its place

import argparse
import base64
import hashlib
import json
import locale
import os
import unicodedata
from typing import Any

SM2 = "264fe186fa64ffb81191e61840033607ebaba3cbe82299bc053a027b9d393a15"  # of the sm2.py that is run
UTF8 = ("utf-8", "surrogateescape")  # names are bytes here, whatever the reader's locale
UNLISTED, LOOKED = {"index.json", "index.json.sig", "tagmanifest-sha256.txt"}, (".DS_Store", "Thumbs.db", "desktop.ini")
NAMES = {"report": ("REPORT EDITED", "报告被改动"), "data/timestamps/": ("TIMESTAMP FORGED", "时间戳被伪造")}
NAMES.update({"data/trail/": ("TRAIL EDITED", "留痕被改动"), "": ("CHANGED", "被改动")})
STEPS = {"index": "索引", "files": "文件", "clips": "资料", "trail": "留痕", "checkpoint": "检查点", "bag": "BagIt"}
PROBLEMS = (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RuntimeError, TypeError, ValueError)
rotated: Any = lambda word, bits: (word << bits | word >> (32 - bits)) & 0xFFFFFFFF


class Sm3:  # the digest in plain Python; about 300 KB a second
    def __init__(self) -> None:
        iv = "7380166f4914b2b9172442d7da8a0600a96f30bc163138aae38dee4db0fb0e4e"
        self.state, self.rest, self.size = [int(iv[i : i + 8], 16) for i in range(0, 64, 8)], b"", 0

    def update(self, data: bytes) -> None:
        data, self.size = self.rest + bytes(data), self.size + len(data)
        for start in range(0, len(data) - 63, 64):
            w = [int.from_bytes(data[i : i + 4], "big") for i in range(start, start + 64, 4)]
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
        self.rest = data[len(data) - len(data) % 64 :]

    def hexdigest(self) -> str:
        self.update(b"\x80" + bytes((55 - self.size) % 64) + (self.size * 8).to_bytes(8, "big"))
        return "".join(format(word, "08x") for word in self.state)


NEW_SM3: Any = (lambda: hashlib.new("sm3")) if "sm3" in hashlib.algorithms_available else Sm3
P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, P - 2, P) % P, pow(2, (P - 1) // 4, P)


def point_sum(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    x, y = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    u, v = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = y - x, v - u, v + u, y + x
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiple(number: int, point: tuple[int, ...]) -> tuple[int, ...]:
    doubled = multiple(number >> 1, point_sum(point, point)) if number else (0, 1, 1, 0)
    return point_sum(doubled, point) if number & 1 else doubled


def point(raw: bytes) -> tuple[int, ...]:  # empty if there is none
    y, sign = int.from_bytes(raw, "little") & (1 << 255) - 1, int.from_bytes(raw, "little") >> 255
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if x * x % P == x2 else x * ROOT % P
    x = x if x & 1 == sign else P - x
    return (x, y, 1, x * y % P) if len(raw) == 32 and y < P and x < P and x * x % P == x2 else ()


def signed(key: bytes, body: bytes, signature: bytes) -> bool:  # Ed25519 (RFC 8032, 6), by the raw public key
    a, r, s = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if not a or not r or len(signature) != 64 or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + body).digest(), "little") % Q
    left, right = multiple(s, point(b"\x58" + b"\x66" * 31)), point_sum(r, multiple(h, a))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


def root_over(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:  # RFC 9162, 2.1.3
    if size < 2 or not path:
        return leaf if (index, size, path) == (0, 1, []) else b""
    half = 1 << (size - 1).bit_length() - 1
    if index < half:
        return hashlib.sha256(b"\x01" + root_over(leaf, index, half, path[:-1]) + path[-1]).digest()
    return hashlib.sha256(b"\x01" + path[-1] + root_over(leaf, index - half, size - half, path[:-1])).digest()


class Check:  # one run over a bundle: says line by line what holds (√), what does not (×), what else to ask (!)
    def __init__(self, folder: str, chinese: bool, with_sm3: bool) -> None:  # found, places by path; keys by number
        self.folder, self.chinese, self.with_sm3, self.faults, self.done = os.fsencode(folder), chinese, with_sm3, 0, 0
        self.found, self.keys, self.ended, self.places = {"": ("", "", 0)}, {"": b""}, {"": ""}, {"": ""}

    def say(self, sign: str, english: str, chinese: str) -> None:  # what could harm a terminal is written out
        self.faults, encoding = self.faults + (sign == "×"), getattr(sys.stdout, "encoding", None) or "utf-8"
        text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in (chinese if self.chinese else english))
        try:
            print(f"{sign} {text}".encode(encoding, "backslashreplace").decode(encoding), flush=True)
        except OSError:  # the reader went away: the exit status tells all the same
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def unchecked(self, what: str, error: Exception) -> None:
        self.say("×", f"NOT CHECKED: {what}: {error!r}", f"未能核验：{STEPS.get(what, what)}：{error!r}")

    def opened(self, path: str) -> Any:  # ValueError where it leads out of the bundle
        whole = os.path.join(self.folder, self.places.get(path, path).encode(*UTF8))
        away = ".." in path.split("/") or set(path) & set("\\:") or os.path.isabs(path) or os.path.islink(whole)
        if away or (os.path.exists(whole) and not os.path.isfile(whole)):  # reading a pipe would never end
            raise ValueError(f"{path} leads out of the bundle, or is no file （路径越出证据包，或不是文件）")
        return open(whole, "rb")

    def read(self, path: str) -> bytes:
        with self.opened(path) as file:
            return bytes(file.read(min(os.fstat(file.fileno()).st_size, 1 << 30)))

    def digests(self, path: str) -> tuple[str, str, int]:  # in one read of bounded memory; SM3 of originals alone
        size, parts = 0, [hashlib.sha256(), NEW_SM3()][: 1 + (self.with_sm3 and path.startswith("data/originals/"))]
        with self.opened(path) as file:
            while block := file.read(1 << 20):
                for part in parts:
                    part.update(block)
                size, self.done = size + len(block), self.done + len(block)
                if len(block) == 1 << 20 and sys.stderr and sys.stderr.isatty():
                    print(f"  {self.done >> 20} MiB", end="\r", file=sys.stderr, flush=True)
        return parts[0].hexdigest(), parts[-1].hexdigest(), size

    def signed(self, number: str, body: bytes, signature: bytes) -> bool:  # SM2 by the one sm2.py that is known
        if len(key := self.keys.get(number, b"")) != 65:
            return signed(key, body, signature)
        code, names = self.read("sm2.py"), {"__name__": "sm2"}
        if hashlib.sha256(code).hexdigest() != SM2:
            raise ValueError("sm2.py is not the one that checks SM2; see README.txt (sm2.py 已被改动)")
        exec(code, names)
        return bool(names["signed"](key, body, signature, NEW_SM3))  # type: ignore[operator]  # exec put it there

    def run(self, wanted: str | None) -> int:
        try:
            index = json.loads(self.read("index.json"))
            key, name, at, where = index["key_id"], index["bundle"], index["made_at"], index["station"]
        except PROBLEMS as error:
            self.say("×", f"this is no evidence bundle: {error!r}", f"这不是证据包：{error!r}")
            return 2
        self.say("-", f"bundle {name}, made {at} at station {where}", f"证据包 {name}，{at} 由采集站 {where} 制作")
        for step in (self.index, self.files, self.clips, self.trail, self.checkpoint, self.bag):
            before = self.faults
            try:
                english, chinese = step(index)
                if self.faults == before:
                    self.say("√", english, chinese)
            except PROBLEMS as error:
                self.unchecked(step.__name__, error)
        key = hashlib.sha256(self.keys.get(key, b"")).hexdigest()  # of which the number is but the beginning
        if wanted and not key.startswith(wanted.ljust(16, "?")):
            self.say("×", f"OTHER KEY: signed by {key}, not {wanted}", f"密钥不符：签名密钥为 {key}，不是 {wanted}")
        good = f"ALL CHECKED HERE HOLDS, if the bureau's key is {key}", f"所核验的全部成立；请向办案单位核对密钥 {key}"
        self.say("=", *((f"{self.faults} THINGS DO NOT HOLD", f"有 {self.faults} 项不成立") if self.faults else good))
        return int(self.faults > 0)

    def index(self, index: Any) -> tuple[str, str]:  # and keys are what they are called
        for number, path in index["keys"].items():
            der = base64.b64decode(b"".join(self.read(path).splitlines()[1:-1]))
            raw = der[12 if len(der) == 44 else 26 :]
            self.keys[number] = raw if hashlib.sha256(raw).hexdigest()[:16] == number else b""
            if not self.keys[number]:
                self.say("×", f"KEY EXCHANGED: {path} is not key {number}", f"公钥被替换：{path} 不是密钥 {number}")
        key, body = index["key_id"], self.read("index.json")  # read anew: it must be what was read before
        if json.loads(body) != index or not self.signed(key, body, self.read("index.json.sig")):
            self.say("×", f"INDEX EDITED: it is not signed by key {key}", f"索引被改动：无密钥 {key} 签名，不足为凭")
        for path in index.get("key_history", []):
            change = json.loads(self.read(path))
            facts, by = json.loads(change["body"]), change["signatures"]
            old, new = (hashlib.sha256(base64.b64decode(facts[one])).hexdigest()[:16] for one in ("old", "new"))
            self.ended[old] = facts["at"]
            if not all(self.signed(one, change["body"].encode(), base64.b64decode(by[one])) for one in (old, new)):
                self.say("×", f"KEY HISTORY FORGED: {path}", f"密钥沿革被伪造：{path}")
        return f"the index is signed by key {key}", f"索引由密钥 {key} 签名"

    def files(self, index: Any) -> tuple[str, str]:  # each with its bytes, and no other
        seen, listed = set(), {file["path"]: file["sha256"] for file in index["files"]}
        for place, folders, names in os.walk(self.folder, onerror=lambda error: self.unchecked("files", error)):
            paths = [os.path.join(place, name) for name in names + folders]
            paths = [path for path in paths if os.path.islink(path) or not os.path.isdir(path)]
            seen |= {os.path.relpath(path, self.folder).decode(*UTF8).replace(os.sep, "/") for path in paths}
        for path, name in [(path, unicodedata.normalize("NFC", path)) for path in sorted(seen)]:
            self.places[name if name in listed and name not in seen else path] = path
            if path not in self.places:
                self.say("!", f"WRITTEN ANOTHER WAY by a Mac: {name}", f"Mac 改变了文件名的写法：{name}")
        there = set(self.places) - {""}
        owners = {sha256: path for path, sha256 in listed.items()}
        for path in sorted(UNLISTED.union(listed) - there):
            self.say("×", f"REMOVED: {path} is missing", f"被删除：缺少 {path}")
        for path in sorted(there.intersection(UNLISTED.union(listed))):
            try:
                found, _, _ = self.found[path] = self.digests(path)
            except PROBLEMS as error:
                self.unchecked(path, error)
                continue
            if found != (wanted := listed.get(path, found)) and found in owners:
                self.say("×", f"SWAPPED: {path} holds {owners[found]}", f"被调换：{path} 的内容实为 {owners[found]}")
            elif found != wanted:
                english, chinese = next(name for start, name in NAMES.items() if path.startswith(start))
                self.say("×", f"{english}: {path} is not what was exported", f"{chinese}：{path} 与导出时不一致")
        for path in sorted(there.difference(listed, UNLISTED)):
            self.say("×!"[path.rpartition("/")[2] in LOOKED], f"ADDED: {path} is not of it", f"被添加：{path}")
        return f"{len(listed)} files, none changed or added", f"{len(listed)} 个文件齐全、未改动、无添加"

    def clips(self, index: Any) -> tuple[str, str]:  # as its signed manifest says; stamps are about that
        for clip in index["clips"]:
            path, body, stamp = clip["original"], self.read(clip["manifest"]), clip["timestamp"]
            manifest, found = json.loads(body), self.found.get(clip["original"], ("", "", "missing"))
            key, at = manifest["sealing"]["key_id"], manifest["sealing"]["at"]
            if not self.signed(key, body, self.read(clip["signature"])):
                self.say("×", f"SIGNATURE: the manifest of {path} is not signed", f"签名不成立：{path} 的清单")
            if at > self.ended.get(key, at):
                self.say("!", f"ASK WHY key {key} sealed {path} after its end", f"密钥 {key} 更换后仍入库 {path}")
            sealed = (manifest["digests"]["sha256"], manifest["digests"]["sm3"], manifest["source"]["size_bytes"])
            pairs = zip(("SHA-256", "SM3", "size"), found, sealed)
            differing = ", ".join(name for name, a, b in pairs if a != b and (self.with_sm3 or name != "SM3"))
            if differing or manifest["clip"] != clip["clip"]:
                self.say("×", f"NOT AS SEALED: {path} ({differing})", f"与入库时不符：{path}（{differing}）")
            if stamp and b"\x04\x20" + hashlib.sha256(body).digest() not in self.read(stamp):
                self.say("×", f"TIMESTAMP FORGED: it is not about {path}", f"时间戳被伪造：与 {path} 无关")
        counted, stamps = f"{len(index['clips'])}, SHA-256", sum(bool(clip["timestamp"]) for clip in index["clips"])
        counted += ", SM3" if self.with_sm3 else ", SM3 NOT CHECKED (未核验)"
        counted += f"; timestamps (时间戳): {stamps}, by whom is NOT CHECKED (签发者未核验)" * bool(stamps)
        return f"all clips are as sealed ({counted})", f"资料均与入库时一致（{counted}）"

    def trail(self, index: Any) -> tuple[str, str]:  # every line is here, under the signed roots
        trail, note, filed = index["trail"], index["trail"]["checkpoint"], set()
        lines, proofs = self.read(trail["lines"]).splitlines(), json.loads(self.read(trail["proofs"]))
        bodies, numbers = {json.loads(body)["line"]: body for body in lines}, trail["numbers"]
        for number in sorted(set(numbers).difference(bodies)):
            self.say("×", f"TRAIL TRUNCATED: line {number} is missing", f"留痕被截断：缺少第 {number} 条")
        for number in sorted(set(numbers).intersection(bodies)):
            leaf, line = hashlib.sha256(b"\x00" + bodies[number]).digest(), json.loads(bodies[number])
            for tree in (trail, note) if note and number <= note["size"] else (trail,):
                path = [bytes.fromhex(step) for step in proofs[str(tree["size"])][str(number)]]
                if root_over(leaf, number - 1, tree["size"], path).hex() != tree["root"]:
                    self.say("×", f"TRAIL: line {number} is not under the root", f"留痕：第 {number} 条不在根哈希之下")
            filed.add((line["action"], line["subject"], json.loads(line["details"]).get("manifest")))
        if len(lines) != len(set(numbers).intersection(bodies)):
            self.say("×", "TRAIL: lines were added", "留痕：有多出的记录")
        for clip in index["clips"]:
            if ("clip.filed", clip["clip"], hashlib.sha256(self.read(clip["manifest"])).hexdigest()) not in filed:
                self.say("×", f"TRAIL: {clip['original']} was never filed", f"留痕：没有 {clip['original']} 的入库记录")
        return f"{len(lines)} lines of a trail of {trail['size']}", f"留痕 {len(lines)} 条（全站 {trail['size']}）"

    def checkpoint(self, index: Any) -> tuple[str, str]:  # a signed note (C2SP) says size and root
        if not (named := index["trail"]["checkpoint"]):
            return "no checkpoint: the trail's root is signed in this bundle alone", "无检查点：根哈希仅由本证据包签名"
        text, _, signatures = self.read(named["path"]).partition(b"\n\n")
        lines, raws = text.split(b"\n"), [base64.b64decode(line.split()[-1])[4:] for line in signatures.splitlines()]
        good = any(self.signed(key, text + b"\n", raw) for key in self.keys for raw in raws)
        if not good or (int(lines[1]), base64.b64decode(lines[2]).hex()) != (named["size"], named["root"]):
            self.say("×", f"CHECKPOINT FORGED: {named['path']}", f"检查点被伪造：{named['path']}")
        of, over = lines[0].decode(), sum(number <= named["size"] for number in index["trail"]["numbers"])
        return f"a checkpoint of {of} agrees, over {over} of these lines", f"与检查点 {of} 一致，涵盖其中 {over} 条"

    def bag(self, index: Any) -> tuple[str, str]:
        every = [(path, found[0]) for path, found in self.found.items() if path not in ("", "tagmanifest-sha256.txt")]
        for name, payload in (("manifest-sha256.txt", True), ("tagmanifest-sha256.txt", False)):
            lines = self.read(name).decode().split("\n")
            wanted = {f"{sha256}  {path}" for path, sha256 in every if path.startswith("data/") == payload} | {""}
            odd = {line[66:] for line in wanted.symmetric_difference(lines)}
            for path in sorted(odd or {name} if len(lines) != len(wanted) else odd):
                self.say("×", f"BAGIT: {name} differs for {path}", f"BagIt 清单 {name} 与 {path} 不符")
        return "both BagIt manifests agree", "两份 BagIt 清单一致"


def main() -> int:
    parser = argparse.ArgumentParser(description="Check an evidence bundle (核验证据包).")
    parser.add_argument("folder", nargs="?", default=os.path.dirname(os.path.abspath(__file__)), help="文件夹")
    parser.add_argument("--lang", choices=("zh", "en"), help="language (语言)")
    parser.add_argument("--key", type=str.lower, help="number of the key the bureau names (密钥编号)")
    parser.add_argument("--no-sm3", action="store_true", help="SHA-256 only, where SM3 is slow (不计算 SM3)")
    given = parser.parse_args()
    stated = [given.lang, *map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG")), locale.setlocale(locale.LC_CTYPE)]
    return Check(given.folder, next(filter(None, stated))[:2].lower() in ("zh", "ch"), not given.no_sm3).run(given.key)


if __name__ == "__main__":
    sys.exit(main())
