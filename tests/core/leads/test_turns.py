"""Turns are fair: equals are one lead apart, weights count, and nobody is flooded or starved."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.core.leads.turns import MOST_WEIGHT, STRIDE, Share, take

DAY = date(2026, 12, 1)
ALL = {1, 2, 3, 4}
MANY = 1000
# Who is there when a lead comes in, and whether a day has passed since the last one.
steps = st.lists(st.tuples(st.sets(st.sampled_from(sorted(ALL))), st.booleans()), max_size=60)
caps = st.lists(st.none() | st.integers(1, 4), min_size=4, max_size=4)
weights = st.lists(st.integers(1, MOST_WEIGHT), min_size=4, max_size=4)


def test_each_weight_has_a_whole_stride() -> None:
    assert [STRIDE % weight for weight in range(1, MOST_WEIGHT + 1)] == [0] * MOST_WEIGHT


@given(steps=steps, caps=caps, weights=weights)
def test_only_those_who_are_there_and_below_their_cap(
    steps: list[tuple[set[int], bool]], caps: list[int | None], weights: list[int]
) -> None:
    shares = [Share(id, weights[id - 1], caps[id - 1]) for id in sorted(ALL)]
    day = DAY
    given: Counter[tuple[int, date]] = Counter()
    for present, passes in steps:
        day += timedelta(days=passes)
        room = {id for id in present if given[id, day] < (caps[id - 1] or MANY)}
        one = take(shares, ALL, present, day)
        assert (one in room) if room else one is None
        if one is not None:
            given[one, day] += 1
    assert all(cap is None or given[id, day] <= cap for id, cap in enumerate(caps, 1))


@given(steps=steps, stays=st.sets(st.sampled_from(sorted(ALL)), min_size=2))
def test_equals_who_are_always_there_are_one_apart(
    steps: list[tuple[set[int], bool]], stays: set[int]
) -> None:
    shares = [Share(id) for id in sorted(ALL)]
    given = Counter(take(shares, ALL, present | stays, DAY) for present, _ in steps)
    counts = [given[id] for id in stays]
    assert max(counts) - min(counts) <= 1


@given(weights=weights, many=st.integers(0, 200))
def test_weights_are_kept_to_within_two_leads(weights: list[int], many: int) -> None:
    shares = [Share(id, weights[id - 1]) for id in sorted(ALL)]
    given = Counter(take(shares, ALL, ALL, DAY) for _ in range(many))
    for id, weight in enumerate(weights, 1):
        assert abs(given[id] - many * weight / sum(weights)) < 2


def test_someone_who_comes_back_goes_on_with_the_others() -> None:
    shares = [Share(id) for id in (1, 2, 3)]
    for _ in range(40):
        take(shares, ALL, {1, 2}, DAY)
    # After twenty leads each, nobody waits until the third has caught up.
    assert Counter(take(shares, ALL, {1, 2, 3}, DAY) for _ in range(30)) == {1: 10, 2: 10, 3: 10}
    # Nor does someone who was alone pay for it.
    for _ in range(50):
        take(shares, ALL, {3}, DAY)
    assert Counter(take(shares, ALL, {1, 2, 3}, DAY) for _ in range(30)) == {1: 10, 2: 10, 3: 10}


@given(st.lists(st.booleans(), max_size=60))
def test_going_away_for_a_moment_gains_nothing(goes: list[bool]) -> None:
    shares = [Share(id) for id in (1, 2)]
    given: Counter[int | None] = Counter()
    for is_away in goes:
        given[take(shares, ALL, {1} if is_away else {1, 2}, DAY)] += 1
    there = goes.count(False)
    assert given[2] <= (there + 1) // 2 + 1


def test_people_of_other_centers_keep_their_turn() -> None:
    """By a rule for all centers, a lead of one center says nothing of who is there at another."""
    shares = [Share(id) for id in (1, 2, 3)]
    given: Counter[int | None] = Counter()
    for number in range(40):
        of_center = {1, 2} if number % 2 else {3}
        given[take(shares, of_center, of_center, DAY)] += 1
    assert given == {1: 10, 2: 10, 3: 20}
