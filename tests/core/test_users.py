"""Accounts that are changed while people work."""

import pytest

from backend.core import users
from backend.core.access import Person
from backend.core.leads import leaving
from backend.models import Comment, Lead
from backend.schemas.users import UserChange
from tests.world import LEAD, LEAD_OF_TELLAPUR, World

BOSS = Person(1, LEAD, "team_lead")
MEMBER_ID = 2


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("change", [UserChange(disabled=True), UserChange(center_ids=[])])
def test_a_change_of_an_account_does_not_wait_for_its_own_waiter(
    world: World, change: UserChange
) -> None:
    """What changes a lead names the person afterwards, and what disables one locks its leads."""
    with world.db.write() as session:
        session.get_one(Lead, LEAD_OF_TELLAPUR).owner_id = MEMBER_ID
    with world.db.write() as disabling:
        users.change(disabling, world.settings, BOSS, MEMBER_ID, change)
        with world.db.write() as working:
            working.connection().exec_driver_sql("SET LOCAL lock_timeout = '60s'")
            working.get_one(Lead, LEAD_OF_TELLAPUR, with_for_update=True)
            working.add(Comment(lead_id=LEAD_OF_TELLAPUR, user_id=MEMBER_ID, text="Call at 5"))
        leaving.release(disabling, BOSS, MEMBER_ID)
    with world.db.read() as session:
        assert session.get_one(Lead, LEAD_OF_TELLAPUR).owner_id is None
