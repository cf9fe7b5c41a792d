"""The leads as they are stored: by a newer route, with null where there is nothing, and in UTC."""

from typing import Any

from tests.servers import Client

FIELDS = (
    "id",
    "created_time",
    "player_name",
    "player_age_category",
    "phone",
    "email",
    "address",
    "status",
    "next_followup_date",
    "center_id",
)


def stored(client: Client) -> list[dict[str, Any]]:
    """Return the first 200 leads, the oldest id first."""
    leads: list[dict[str, Any]] = client.get("/leads/?limit=200").json()["leads"]
    kept = [{name: lead[name] for name in FIELDS} for lead in leads]
    return sorted(kept, key=lambda lead: lead["id"])
