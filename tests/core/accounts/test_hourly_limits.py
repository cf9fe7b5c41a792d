"""How many files people can export or upload in an hour."""

from backend.core.access import Person
from backend.core.accounts import hourly_limits
from backend.core.accounts.hourly_limits import Kind
from backend.core.errors import TooManyFiles, TooManyJobs
from tests.world import World, settings_for


def take(world: World, id: int, problem: type[Exception] | None = None) -> bool:
    """Export a file, or fail at it. Returns whether the limits allowed it."""
    settings = settings_for(world.settings.database_url, files_per_hour=1)
    person = Person(id, "a@tofa.example", "team_member")
    try:
        with hourly_limits.counted(world.db, settings, person, Kind.EXPORT):
            if problem is not None:
                raise problem
    except TooManyFiles:
        return False
    except (TooManyJobs, KeyError):
        pass
    return True


def test_all_people_together_are_limited(world: World) -> None:
    assert take(world, 1)
    # One who is refused uses up nothing of the others.
    assert not any(take(world, 1) for _ in range(3 * hourly_limits.OF_ALL))
    assert all(take(world, id) for id in range(2, hourly_limits.OF_ALL + 1))
    assert not take(world, hourly_limits.OF_ALL + 1)


def test_what_found_no_slot_is_not_counted(world: World) -> None:
    assert all(take(world, 1, TooManyJobs) for _ in range(3))
    assert take(world, 1, KeyError)
    assert not take(world, 1)


def test_the_wait_is_told_in_minutes() -> None:
    told = {TooManyFiles(seconds).detail.rpartition("in ")[2] for seconds in (1, 60, 61, 3600)}
    assert told == {"a minute", "2 minutes", "60 minutes"}
