"""The commands `person export` and `person erase`: one person's data, by the id of the lead."""

from argparse import Namespace
from pathlib import Path

from backend.cli.context import opened
from backend.core.errors import BadRequest
from backend.core.privacy import erasing, finishing, person_export
from backend.core.privacy.person_export import FileForm


def run(arguments: Namespace) -> int:
    """Run the part of the command."""
    return (export if arguments.person == "export" else erase)(arguments)


def export(arguments: Namespace) -> int:
    """Write everything that is held about a lead to a new file."""
    path = Path(arguments.file)
    try:
        form = FileForm(path.suffix.lower())
    except ValueError:
        raise BadRequest("The file's name must end with .json or .csv") from None
    with opened(first_account=False) as (_, db):
        content = person_export.export(db, None, arguments.id, form)
    _write(path, content)
    print(f"Wrote everything held about lead {arguments.id} to {path}.")
    return 0


def _write(path: Path, content: bytes) -> None:
    """Write a new file that only its owner can read, completely or not at all."""
    path.touch(mode=0o600, exist_ok=False)
    try:
        path.write_bytes(content)
    except BaseException as error:
        path.unlink()
        if isinstance(error, OSError):
            # The person knows the file by its name.
            error.filename = str(path)
        raise


def erase(arguments: Namespace) -> int:
    """Erase a lead, and copies of its data that belong to no lead."""
    with opened(first_account=False) as (settings, db):
        with db.write() as session:
            done = erasing.erase(session, settings, None, arguments.id, at_once=arguments.at_once)
        while finishing.run_next(db):
            pass
        finishing.clean_file(db)
        with db.read() as session:
            done = erasing.show(session, done["id"])
    if done["destroyed_at"] is not None:
        print(f"Erased lead {arguments.id}. Only counts are left of it.")
    else:
        print(f"Erased lead {arguments.id}. Its data will be destroyed on {done['destroy_at']}.")
    return 0
