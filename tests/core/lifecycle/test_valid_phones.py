"""Leads of earlier versions get the keys that today's leads get."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.core import names, phones
from backend.core.db import Database
from backend.core.lifecycle import migrate
from backend.core.settings import Settings
from backend.models import Lead, LeadPhone
from tests.data import legacy

# The phone, the key that step 0003 gave it, and the name.
LEADS = (
    ("9848022338", "+919848022338", "Zoya"),
    ("098480-22338", "+919848022338", "test"),
    ("9848022338 / 9848022339", "98480223389848022339", "Asha Rao"),
    ("70130 10001 (Mother)", "+91701301000162437", "N/A"),
    ("9.17013E+11", "+91917013", "Diya"),
    ("040-23456789 ext 12", "+914023456789", "."),
    ("ask at the office", None, "Tara\u200b Khan"),
    ("12345", "+9112345", None),
    ("", None, ""),
    (None, None, "Null"),
    ("971501234568", "+91971501234568", "Prie\u0301"),
)


def fill(url: str, first: int) -> None:
    """Add the leads as step 0009 has them, with ids from `first` on."""
    rows = ", ".join(
        f"({id}, '2026-11-02 04:30:00', 'New', {text(phone)}, {text(key)}, {text(name)}, "
        f"{text((name or '').lower())}, true)"
        for id, (phone, key, name) in enumerate(LEADS, first)
    )
    legacy.execute(
        url,
        "INSERT INTO lead (id, created_time, status, phone, phone_key, player_name, name_key, "
        f"search_indexed) VALUES {rows}",
    )


def text(value: str | None) -> str:
    return "NULL" if value is None else f"'{value}'"


@pytest.mark.parametrize("region", ["IN", "AE"])
def test_leads_get_the_keys_of_today(db: Database, settings: Settings, region: str) -> None:
    migrate.upgrade(db, settings, "0009")
    first = (-3, 40_000)
    for id in first:
        fill(settings.database_url, id)
    migrate.upgrade(db, settings.model_copy(update={"phone_region": region}))
    with db.read() as session:
        leads = session.scalars(select(Lead).order_by(col(Lead.id))).all()
        further = session.connection().execute(
            select(col(LeadPhone.lead_id), col(LeadPhone.phone_key), col(LeadPhone.import_id))
        )
        numbers = sorted(further)
    assert [(one.id, one.phone) for one in leads] == [
        (id, phone) for begin in first for id, (phone, *_) in enumerate(LEADS, begin)
    ]
    expected = []
    for lead, (_, key, name) in zip(leads, LEADS * 2, strict=True):
        read = phones.read(lead.phone, region)
        assert (lead.phone_key, lead.phone_issue, lead.phone_extension) == read[:3]
        assert lead.name_key == names.key(name)
        # Only what has changed is indexed again.
        is_same = (key, (name or "").lower()) == (lead.phone_key, lead.name_key)
        assert lead.search_indexed == (is_same and read == (key, None, None, ()))
        expected += [(lead.id, number, None) for number in read.others]
    assert numbers == expected
