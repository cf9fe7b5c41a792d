"""Which journal SQLite keeps beside its file.

A write-ahead log is fast, and needs memory that all processes share: one machine, with the file on
a disk of its own (sqlite.org/wal.html). On the file systems of a network, where several machines
may use the file, a rollback journal with the file system's locks is safe. It is emptied rather than
removed after each commit: another machine may remember for a while that a file isn't there, and
would miss the journal of a writer that died.
"""

import re
import sys
from pathlib import Path

WAL, ROLLBACK = "WAL", "TRUNCATE"
MOUNTS = Path("/proc/self/mountinfo")

# File systems that several machines can use at a time, and those of virtual machines, whose memory
# isn't shared with their host.
_SHARED = frozenset(
    (
        *(
            "nfs",
            "nfs4",
            "cifs",
            "smb3",
            "smbfs",
            "smb2",
            "afs",
            "ncpfs",
            "davfs",
            "9p",
            "virtiofs",
        ),
        *(
            "vboxsf",
            "vmhgfs",
            "prl_fs",
            "ceph",
            "glusterfs",
            "lustre",
            "gpfs",
            "beegfs",
            "orangefs",
        ),
        *("ocfs2", "gfs2", "fuse"),
    )
)
# Written in octal: a space, a tab, a line break, a backslash.
_ESCAPE = re.compile(r"\\([0-7]{3})")


def mode(path: str, chosen: str) -> str:
    """Return the journal's mode for a database: `chosen`, or what is safe where it lies."""
    if chosen:
        return WAL if chosen == "wal" else ROLLBACK
    return ROLLBACK if is_shared(Path(path), _mounts()) else WAL


def is_shared(path: Path, mounts: str) -> bool:
    """Return whether a file is on a file system of a network, by the text of `MOUNTS`."""
    # As texts: each new connection asks, and paths of a machine's mounts take longer to make than
    # the connection.
    place = f"{path.resolve()}/"
    longest, found = -1, ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields, kind = before.split(" "), after.partition(" ")[0]
        if len(fields) < 5:
            continue
        mounted = _ESCAPE.sub(lambda code: chr(int(code[1], 8)), fields[4]).rstrip("/") + "/"
        # Of several at one place the last one counts.
        if len(mounted) >= longest and place.startswith(mounted):
            longest, found = len(mounted), kind
    return found in _SHARED or found.startswith("fuse.")


def _mounts() -> str:
    if sys.platform != "linux":
        return ""
    try:
        return MOUNTS.read_text(errors="replace")
    except OSError:
        return ""
