"""Reads the zip around an .xlsx without trusting it: what its parts really unpack to.

Every size in a zip can be wrong, and two readers of one odd zip can see two different files. So
only the plain form that spreadsheet programs write is accepted: one directory, at the end, without
a comment; parts one after the other; deflated or stored. Format: PKWARE APPNOTE 6.3, sections 4.3
and 4.4.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from backend.core.sheets.errors import DAMAGED, LOCKED, TOO_LARGE, UnreadableFile
from backend.core.sheets.limits import MAX_INFLATED, MAX_PARTS, MAX_RATIO, RATIO_FREE

END = struct.Struct("<4s4H2IH")
ENTRY = struct.Struct("<4s6H3I5H2I")
LOCAL = struct.Struct("<4s5H3I2H")
ZIP64_EXTRA = 1
STORED, DEFLATED = 0, 8
ENCRYPTED = 1

CHUNK = 2**18


@dataclass(frozen=True, slots=True)
class Part:
    """One file inside the zip: its name, how it is packed, where its bytes are, and the size that
    it claims to unpack to.
    """

    name: str
    method: int
    start: int
    packed: int
    unpacked: int


def parts(file: BinaryIO) -> list[Part]:
    """List what the zip holds. Raises UnreadableFile when it isn't plain, or holds too much."""
    size = file.seek(0, 2)
    start, directory = _directory(file, size)
    found = [_located(file, entry) for entry in _entries(directory)]
    _check_places(found, start)
    # A zip can claim less than the truth, but an honest bomb need not be unpacked.
    check(sum(part.unpacked for part in found), size)
    return found


def _directory(file: BinaryIO, size: int) -> tuple[int, bytes]:
    """Return where the directory of a zip starts, and its bytes. Raises UnreadableFile."""
    if size < END.size:
        raise UnreadableFile(DAMAGED)
    file.seek(size - END.size)
    signature, _, _, _, _, length, start, comment = END.unpack(file.read(END.size))
    if signature != b"PK\5\6" or comment:
        raise UnreadableFile(DAMAGED)
    # 64-bit records leave a gap of 76 bytes; they must not name another directory.
    gap = size - END.size - start - length
    if gap not in (0, 76):
        raise UnreadableFile(DAMAGED)
    file.seek(start)
    directory = file.read(length)
    if gap:
        record = file.read(56)
        if record[:4] != b"PK\6\6" or struct.unpack_from("<2Q", record, 40) != (length, start):
            raise UnreadableFile(DAMAGED)
    return start, directory


def _check_places(found: list[Part], start_of_directory: int) -> None:
    """Raise UnreadableFile where parts overlap, or reach into the directory."""
    end = 0
    for part in sorted(found, key=lambda part: part.start):
        if part.start < end or part.start + part.packed > start_of_directory:
            raise UnreadableFile(DAMAGED)
        end = part.start + part.packed


def check(unpacked: int, size: int) -> None:
    """Raise UnreadableFile for a zip of `size` bytes that unpacks to too many."""
    if unpacked > MAX_INFLATED or (unpacked > RATIO_FREE and unpacked > size * MAX_RATIO):
        raise UnreadableFile(TOO_LARGE)


Entry = tuple[str, int, int, int, int]


def _entries(directory: bytes) -> Iterator[Entry]:
    """Yield the name, method, packed size, unpacked size and offset of each entry."""
    at = count = 0
    while at < len(directory):
        try:
            (
                signature,
                _,
                _,
                flags,
                method,
                _,
                _,
                _,
                packed,
                unpacked,
                name,
                extra,
                note,
                _,
                _,
                _,
                offset,
            ) = ENTRY.unpack_from(directory, at)
        except struct.error:
            raise UnreadableFile(DAMAGED) from None
        at += ENTRY.size
        count += 1
        if count > MAX_PARTS:
            raise UnreadableFile(TOO_LARGE)
        if signature != b"PK\1\2" or method not in (STORED, DEFLATED):
            raise UnreadableFile(DAMAGED)
        if flags & ENCRYPTED:
            raise UnreadableFile(LOCKED)
        wide = _zip64(directory[at + name : at + name + extra])
        # The 64-bit fields are in this order, and only for those that don't fit.
        unpacked = next(wide, unpacked) if unpacked == 0xFFFFFFFF else unpacked
        packed = next(wide, packed) if packed == 0xFFFFFFFF else packed
        offset = next(wide, offset) if offset == 0xFFFFFFFF else offset
        yield directory[at : at + name].decode("latin-1"), method, packed, unpacked, offset
        at += name + extra + note


def _zip64(extra: bytes) -> Iterator[int]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == ZIP64_EXTRA:
            body = extra[at + 4 : at + 4 + length]
            for (number,) in struct.iter_unpack("<Q", body[: len(body) // 8 * 8]):
                yield number
            return
        at += 4 + length


def _located(file: BinaryIO, entry: Entry) -> Part:
    name, method, packed, unpacked, offset = entry
    try:
        file.seek(offset)
        signature, *_, name_length, extra = LOCAL.unpack(file.read(LOCAL.size))
    except (struct.error, OverflowError, OSError):
        raise UnreadableFile(DAMAGED) from None
    if signature != b"PK\3\4":
        raise UnreadableFile(DAMAGED)
    return Part(name, method, offset + LOCAL.size + name_length + extra, packed, unpacked)


@dataclass(slots=True)
class Inflater:
    """Unpacks parts, and counts the bytes that they really unpack to, all together."""

    file: BinaryIO
    size: int
    total: int = 0

    def chunks(self, part: Part) -> Iterator[bytes]:
        """Yield the part's bytes, unpacked, in pieces.

        Raises UnreadableFile if it is broken or a bomb.
        """
        self.file.seek(part.start)
        left, ends = part.packed, self.total + part.unpacked
        unpack = zlib.decompressobj(-zlib.MAX_WBITS)
        while left > 0:
            packed = self.file.read(min(left, CHUNK))
            if not packed:
                raise UnreadableFile(DAMAGED)
            left -= len(packed)
            if part.method == STORED:
                yield self._counted(packed, ends)
                continue
            while packed and not unpack.eof:
                try:
                    chunk = unpack.decompress(packed, CHUNK)
                except zlib.error:
                    raise UnreadableFile(DAMAGED) from None
                packed = unpack.unconsumed_tail
                yield self._counted(chunk, ends)
        while part.method == DEFLATED and not unpack.eof:
            # What zlib still holds back. If that is nothing, the part was cut off.
            chunk = unpack.decompress(b"", CHUNK)
            if not chunk:
                raise UnreadableFile(DAMAGED)
            yield self._counted(chunk, ends)

    def _counted(self, chunk: bytes, ends: int) -> bytes:
        self.total += len(chunk)
        if self.total > ends:
            raise UnreadableFile(DAMAGED)
        check(self.total, self.size)
        return chunk
