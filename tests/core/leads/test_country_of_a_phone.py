"""A country beside a phone without its code counts, whichever way the lead comes in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from sqlmodel import select

from backend.models import Lead
from tests.core.leads.test_every_way_in import HEADER, TIMES, Enquiry, Ways
from tests.graph_host import GraphHost
from tests.world import World


@dataclass(frozen=True, slots=True)
class Abroad(Enquiry):
    """An enquiry that names the country of its phone."""

    country: str = "USA"

    def answers(self) -> dict[str, str]:
        return {**Enquiry.answers(self), "country": self.country}


class WaysFromAbroad(Ways):
    """The ways in, with the country."""

    @staticmethod
    def _sheet(enquiries: Sequence[Enquiry], *, with_time: bool, with_id: bool) -> bytes:
        rows = [
            f"{one.cells(with_time=with_time, with_id=with_id)},{one.answers()['country']}"
            for one in enquiries
        ]
        return "\n".join((f"{HEADER},Country", *rows)).encode()


@pytest.fixture(scope="module")
def host() -> Iterator[GraphHost]:
    with GraphHost() as started:
        yield started


@pytest.mark.parametrize("way", sorted({*Ways.named()} - {"manual"}))
def test_each_way_in(world: World, host: GraphHost, way: str) -> None:
    told = [
        Abroad("Zoe", "2125551264", None, TIMES[0], "1" * 15),
        Abroad("Ved", "9848022338", None, TIMES[1], "2" * 15, country="India"),
        Abroad("Tara", "9848022338", None, TIMES[2], "3" * 15, country="UAE"),
    ]
    Ways.named()[way](WaysFromAbroad(world, host), told)
    with world.db.read() as session:
        found = {
            lead.player_name: (lead.phone, lead.phone_key, lead.phone_issue)
            for lead in session.scalars(select(Lead))
            if lead.player_name in ("Zoe", "Ved", "Tara")
        }
    assert found == {
        "Zoe": ("+1 2125551264", "+12125551264", None),
        "Ved": ("9848022338", "+919848022338", None),
        # A number of here, and none of there: a person has to look.
        "Tara": ("+971 9848022338", None, "too_long"),
    }
