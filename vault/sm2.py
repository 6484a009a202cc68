"""Whether an SM2 signature holds (国密 SM2 验签), in plain integers: standard library only, Python 3.8 or newer.

Source: GB/T 32918.2-2016, curve of GB/T 32918.5-2017, identity 1234567812345678; digest SM3 (GB/T 32905), handed in.
Shapes: a public key is 65 bytes, 0x04 and the two coordinates; a signature is DER, a sequence of the integers r and s,
as `openssl pkeyutl -sign -rawin -digest sm3 -pkeyopt distid:1234567812345678` writes it.
This file imports nothing of ours: a bundle with SM2 signatures carries it beside `verify.py`. It only checks; a secret
number has no place in arithmetic whose duration tells of it.
"""

from __future__ import annotations

from typing import Any, Callable, Optional, Tuple

Point = Optional[Tuple[int, int]]

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0
IDENTITY = b"1234567812345678"
KEY_BYTES = 65


def signed(key: bytes, body: bytes, signature: bytes, sm3: Callable[[], Any]) -> bool:
    """Whether `signature` over `body` is by the public key `key`."""
    point, pair = point_of(key), integers_of(signature)
    if point is None or pair is None or not all(0 < number < N for number in pair):
        return False
    r, s = pair
    both = (r + s) % N
    total = point_sum(multiple(s, (GX, GY)), multiple(both, point))
    if both == 0 or total is None:
        return False
    e = int.from_bytes(digest(sm3, who(key, sm3) + body), "big")
    return (e + total[0]) % N == r


def who(key: bytes, sm3: Callable[[], Any]) -> bytes:
    """The digest of identity, curve and key that goes before what is signed (Z)."""
    curve = b"".join(number.to_bytes(32, "big") for number in (A, B, GX, GY))
    return digest(sm3, (len(IDENTITY) * 8).to_bytes(2, "big") + IDENTITY + curve + key[1:])


def digest(sm3: Callable[[], Any], body: bytes) -> bytes:
    """What a digest made by `sm3` says of `body`."""
    made = sm3()
    made.update(body)
    return bytes.fromhex(made.hexdigest())


def point_of(key: bytes) -> Point:
    """The point of a public key, or None if it is none of the curve."""
    x, y = int.from_bytes(key[1:33], "big"), int.from_bytes(key[33:], "big")
    if len(key) != KEY_BYTES or key[0] != 4 or x >= P or y >= P or (y * y - x * x * x - A * x - B) % P:
        return None
    return x, y


def integers_of(signature: bytes) -> Optional[Tuple[int, int]]:
    """The two integers of a DER sequence, or None if it is not exactly that, written in the one way."""
    if len(signature) > 4 and signature[3] <= 33 and len(signature) > 5 + signature[3]:
        end = 4 + signature[3]
        r, s = int.from_bytes(signature[4:end], "big"), int.from_bytes(signature[end + 2 :], "big")
        inside = integer(r) + integer(s)
        if len(inside) < 128 and signature == bytes((0x30, len(inside))) + inside:
            return r, s
    return None


def integer(number: int) -> bytes:
    """A number that is not negative in DER."""
    body = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return bytes((2, len(body))) + body


def point_sum(a: Point, b: Point) -> Point:
    """The sum of two points; None is zero."""
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = (3 * a[0] * a[0] + A) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiple(number: int, point: Point) -> Point:
    """A point so many times."""
    total: Point = None
    while number:
        total = point_sum(total, point) if number & 1 else total
        point, number = point_sum(point, point), number >> 1
    return total
