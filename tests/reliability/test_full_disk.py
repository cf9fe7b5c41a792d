"""A full disk: what is not kept is not acknowledged, and with room again all is well."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import event

from backend.core.db import Database
from backend.core.errors import CannotSave
from tests.core.intake.arrivals import all_deliveries, leads, states, with_token, work_off
from tests.http.test_meta import PATH, SECRET, encoded, send
from tests.servers import ADAPTERS, Client
from tests.world import World

FLAT = {
    "phone_number": "9848022338",
    "nearest_center": "TOFA Tellapur",
    "address_and_pincode": "x" * 9000,
}


def apps_database(monkeypatch: pytest.MonkeyPatch) -> list[Database]:
    """The databases that are opened from now on."""
    opened: list[Database] = []
    right = Database.__init__

    def init(self: Database, *given: object, **more: object) -> None:
        right(self, *given, **more)  # type: ignore[arg-type]
        opened.append(self)

    monkeypatch.setattr(Database, "__init__", init)
    return opened


@pytest.mark.parametrize(
    ("adapter", "database"), [(name, "sqlite") for name in ADAPTERS], indirect=["database"]
)
def test_nothing_is_acknowledged_that_is_not_kept(
    serve: Callable[..., Client],
    adapter: str,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = apps_database(monkeypatch)
    client = serve(meta_app_secret=SECRET, webhook_token="sesame")
    assert client.get("/healthz").status == 200
    assert client.get("/centers/").status == 200
    full = [True]

    def configure(connection: object, _record: object, _proxy: object) -> None:
        # SQLite's own bound stands for that of the disk: its error is the same.
        pages = connection.execute("PRAGMA page_count").fetchone()[0] if full[0] else 1 << 30  # type: ignore[attr-defined]
        connection.execute(f"PRAGMA max_page_count = {pages}")  # type: ignore[attr-defined]

    event.listen(opened[-1].engine, "checkout", configure)
    kept = 0
    while (answer := send(client, encoded(*range(kept * 20, kept * 20 + 20)))).status == 200:
        kept += 1
        assert kept < 500, "it is never full"
    refused = client.post(f"{PATH}?token=sesame", json=FLAT)
    assert [answer.status, refused.status] == [503, 503]
    assert answer.json() == refused.json() == {"detail": CannotSave.detail}
    assert client.get("/centers/").status == 200, "what is here can still be read"
    assert len([one for one in all_deliveries(world.db) if one.source == "meta"]) == kept

    full[0] = False
    assert send(client, encoded(7001)).status == 200
    assert client.post(f"{PATH}?token=sesame", json=FLAT).json()["status"] == "success"
    work_off(world.db, with_token(world))
    assert set(states(world.db)) == {"processed"}
    assert len(leads(world.db)) == 20 * kept + 2
    assert json.loads(all_deliveries(world.db)[0].body)["object"] == "page"
