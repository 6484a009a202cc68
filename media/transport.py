"""Private packets in an MPEG transport stream (传输流): where a recorder puts its positions beside picture and sound.

Source: ISO/IEC 13818-1, 2.4.3 (packets of 188 bytes, sync byte 0x47, adaptation field; PES with stream id 0xBF, private
stream 2, has a length and no more header). M2TS puts four bytes of time before each packet. Shapes: a seekable file ->
the bodies of these PES, as much of each as its first packet holds, in file order; at most PACKETS_MAX, from the first
SCAN_BYTES_MAX. It has no index: there is no other way than to look through it. Units: bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import BinaryIO

from media.kinds import M2TS_PACKET_BYTES, TS_PACKET_BYTES

SCAN_BYTES = 1024 * 1024
SCAN_BYTES_MAX = 512 * 1024 * 1024
PACKETS_MAX = 50_000
"""A packet a second: twelve hours."""
PRIVATE_2 = b"\0\0\x01\xbf"
SYNC = 0x47
HEAD_BYTES = 4096
BODY_BYTES_MAX = 512
STREAMS_MAX = 64
AHEAD_PACKETS = 64
"""How far the rest of one PES may lie behind its beginning: recorders write it at one go."""
LOOKS_MAX = 512
LOOK_BYTES = 64 * 1024
CLOCK_BYTES_MAX = 512 * 1024
"""A clock reference comes every 100 ms: by then one has stood at any rate recorders write."""
CLOCK_TOP = 2**33
"""Where it begins again by itself, after a day."""

_PES_HEAD_BYTES = 6
_BEGINS = 0x40


def private_packets(file: BinaryIO) -> Iterator[bytes]:
    """Yield what the first packet of each private PES holds. An OSError of `file` is passed on."""
    file.seek(0)
    shape = _shape(file.read(HEAD_BYTES))
    if shape is None:
        return
    step, sync_at = shape
    piece_bytes = SCAN_BYTES // step * step
    found = 0
    for number in range(SCAN_BYTES_MAX // piece_bytes):
        file.seek(number * piece_bytes)
        piece = file.read(piece_bytes + AHEAD_PACKETS * step)
        at = piece.find(PRIVATE_2, 0, piece_bytes)
        while at >= 0 and found < PACKETS_MAX:
            packet_at = at // step * step + sync_at
            body = _pes(piece[packet_at : packet_at + AHEAD_PACKETS * step], step)
            if body.startswith(PRIVATE_2):
                found += 1
                yield body[_PES_HEAD_BYTES : _PES_HEAD_BYTES + int.from_bytes(body[4:6], "big")]
            at = piece.find(PRIVATE_2, at + len(PRIVATE_2), piece_bytes)
        if len(piece) <= piece_bytes or found >= PACKETS_MAX:
            return


def clock_restarts(file: BinaryIO) -> int:
    """Return how often the clock of a transport stream goes back: parts of several recordings, or a recorder's restart.

    It is looked at in LOOKS_MAX places at most, spread over the file. An OSError of `file` is passed on.
    """
    file.seek(0)
    shape = _shape(file.read(HEAD_BYTES))
    if shape is None:
        return 0
    step, sync_at = shape
    every = max(LOOK_BYTES, file.seek(0, os.SEEK_END) // LOOKS_MAX) // step * step
    clocks_read: list[tuple[int, int]] = []
    for number in range(LOOKS_MAX + 1):
        file.seek(number * every)
        piece = file.read(min(every, CLOCK_BYTES_MAX // step * step))
        packets = (piece[at : at + TS_PACKET_BYTES] for at in range(sync_at, len(piece), step))
        clocks = ((_pid(packet), clock) for packet in packets if (clock := _clock(packet)) is not None)
        # Several programs may have a clock each: the first one's is followed.
        clocks_read.extend(islice((one for one in clocks if not clocks_read or one[0] == clocks_read[0][0]), 1))
        if not piece:
            break
    return sum(0 < before - after < CLOCK_TOP // 2 for (_, before), (_, after) in pairwise(clocks_read))


def is_transport(head: bytes) -> bool:
    """Tell whether a file that begins so is a transport stream."""
    return _shape(head[:HEAD_BYTES]) is not None


def payloads(head: bytes) -> Iterator[bytes]:
    """Yield what the packets of each stream carry together, in the order the streams begin; nothing if this is none."""
    shape = _shape(head[:HEAD_BYTES])
    if shape is None:
        return
    step, sync_at = shape
    carried: dict[int, list[bytes]] = {}
    for at in range(sync_at, len(head) - TS_PACKET_BYTES + 1, step):
        packet = head[at : at + TS_PACKET_BYTES]
        body = _payload(packet)
        if body and (_pid(packet) in carried or len(carried) < STREAMS_MAX):
            carried.setdefault(_pid(packet), []).append(body)
    yield from map(b"".join, carried.values())


def _pes(packets: bytes, step: int) -> bytes:
    """Return the beginning of the PES that the first of these packets begins; nothing if it begins none."""
    if not packets[1:2] or not packets[1] & _BEGINS:
        return b""
    pid, body = _pid(packets), _payload(packets[:TS_PACKET_BYTES])
    for at in range(step, len(packets), step):
        packet = packets[at : at + TS_PACKET_BYTES]
        if len(body) >= BODY_BYTES_MAX or len(packet) < TS_PACKET_BYTES or packet[0] != SYNC:
            break
        if _pid(packet) == pid:
            if packet[1] & _BEGINS:
                break
            body += _payload(packet)
    return body[:BODY_BYTES_MAX]


def _shape(head: bytes) -> tuple[int, int] | None:
    """Return how long a packet is and where in it the sync byte stands, or None if this is no transport stream."""
    for step, sync_at in ((TS_PACKET_BYTES, 0), (M2TS_PACKET_BYTES, 4)):
        marks = head[sync_at : sync_at + 3 * step : step]
        if len(marks) >= 2 and set(marks) == {SYNC}:
            return step, sync_at
    return None


def _pid(packet: bytes) -> int:
    return int.from_bytes(packet[1:3], "big") & 0x1FFF


def _clock(packet: bytes) -> int | None:
    """Return the clock reference in the adaptation field of a packet, in 1/90000 s; None if it holds none."""
    if len(packet) < TS_PACKET_BYTES or packet[0] != SYNC or not packet[3] & 0x20 or packet[4] < 7:
        return None
    return int.from_bytes(packet[6:11], "big") >> 7 if packet[5] & 0x10 else None


def _payload(packet: bytes) -> bytes:
    """Return what a packet carries behind its adaptation field."""
    if len(packet) < TS_PACKET_BYTES or packet[0] != SYNC or not packet[3] & 0x10:
        return b""
    adaptation_bytes = 1 + packet[4] if packet[3] & 0x20 else 0
    return packet[4 + adaptation_bytes :]
