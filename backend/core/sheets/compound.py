"""Reads the streams of the OLE2 container around an .xls, and never follows a chain in circles.

Format: Microsoft's [MS-CFB].
"""

import struct

from backend.core.sheets.errors import DAMAGED, UnreadableFile

HEADER = 512
ENTRY = 128
LAST = 0xFFFFFFFA  # this and above are marks, not sectors


class Compound:
    """The streams of a container, by name.

    Raises UnreadableFile if a chain is broken or runs in a circle.
    """

    def __init__(self, content: bytes) -> None:
        if len(content) < HEADER:
            raise UnreadableFile(DAMAGED)
        shift, mini = struct.unpack_from("<2H", content, 30)
        if shift not in (9, 12) or mini != 6:
            raise UnreadableFile(DAMAGED)
        self._content = content
        self._sector = 1 << shift
        directory, _, self._cutoff, mini_table, _, more, _ = struct.unpack_from("<7I", content, 48)
        self._table = self._allocation(list(struct.unpack_from("<109I", content, 76)), more)
        entries = self._chain(directory)
        self._entries = dict(
            reversed(
                [
                    _entry(entries[at : at + ENTRY])
                    for at in range(0, len(entries) - ENTRY + 1, ENTRY)
                ]
            )
        )
        root = next((place for name, place in self._entries.items() if name == "Root Entry"), None)
        first = struct.unpack_from("<I", entries, 116)[0] if len(entries) >= ENTRY else LAST
        self._mini = self._chain(first if root is None else root[0])
        packed = self._chain(mini_table)
        self._mini_table = struct.unpack(f"<{len(packed) // 4}I", packed)

    @property
    def names(self) -> set[str]:
        """Return the names of all streams and storages."""
        return set(self._entries)

    def stream(self, name: str) -> bytes:
        """Return a stream's bytes."""
        start, size = self._entries[name]
        if size < 4096:
            return _follow(start, self._mini_table, self._mini, 64, 0)[:size]
        return self._chain(start)[:size]

    def _chain(self, start: int) -> bytes:
        return _follow(start, self._table, self._content, self._sector, self._sector)

    def _allocation(self, sectors: list[int], more: int) -> tuple[int, ...]:
        """Return the table that names each sector's next one.

        If it takes more than 109 sectors, the list of them is chained, too.
        """
        each = self._sector // 4
        for _ in range(len(self._content) // self._sector + 1):
            if more >= LAST:
                break
            *listed, more = self._numbers(more, each)
            sectors += listed
        else:
            raise UnreadableFile(DAMAGED)
        table: list[int] = []
        limit = len(self._content) // self._sector + each
        for sector in sectors:
            if sector < LAST and len(table) <= limit:
                table += self._numbers(sector, each)
        return tuple(table)

    def _numbers(self, sector: int, count: int) -> tuple[int, ...]:
        try:
            return struct.unpack_from(f"<{count}I", self._content, (sector + 1) * self._sector)
        except struct.error:
            raise UnreadableFile(DAMAGED) from None


def _entry(raw: bytes) -> tuple[str, tuple[int, int]]:
    name = raw[:64].decode("utf-16-le", "replace").partition("\0")[0]
    start, size = struct.unpack_from("<2I", raw, 116)
    return name, (start, size)


def _follow(start: int, table: tuple[int, ...], data: bytes, sector: int, offset: int) -> bytes:
    pieces: list[bytes] = []
    while start < LAST:
        if start >= len(table) or len(pieces) > len(table):
            raise UnreadableFile(DAMAGED)
        at = offset + start * sector
        pieces.append(data[at : at + sector])
        start = table[start]
    return b"".join(pieces)
