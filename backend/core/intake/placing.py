"""Place deliveries that wait for a center, by hand."""

from sqlalchemy import and_, or_, update
from sqlmodel import Session, col

from backend.core.errors import Conflict
from backend.core.intake import center_aliases, deliveries
from backend.core.reasons import ReasonCode
from backend.models import Delivery, DeliveryState
from backend.schemas.intake import Placement

# The reasons for which a delivery waits for a center.
_FOR_CENTER = (ReasonCode.NO_CENTER, ReasonCode.UNKNOWN_CENTER, ReasonCode.ARCHIVED_CENTER)


def place(session: Session, delivery_id: int, wanted: Placement) -> int:
    """Process a waiting delivery at a center. Returns how many deliveries are processed now.

    With `all_of_form` these are also all others of the same form that name no center; those without
    a form belong together if they came in the same way. Raises `DeliveryNotFound`,
    `CenterNotFound`, `CenterArchived`, and `Conflict` for one that doesn't wait for a center.
    """
    center_aliases.check_open(session, wanted.center_id)
    delivery = deliveries.find_open(session, delivery_id)
    if delivery.state != DeliveryState.WAITING or delivery.reason not in _FOR_CENTER:
        raise Conflict("Only a delivery waiting for a center can be placed")
    chosen = col(Delivery.id) == delivery_id
    if wanted.all_of_form:
        of_form = [col(Delivery.form_id).is_not_distinct_from(delivery.form_id)]
        if delivery.form_id is None:
            of_form.append(col(Delivery.source) == delivery.source)
        chosen = or_(chosen, and_(*of_form, col(Delivery.reason) == ReasonCode.NO_CENTER))
    waiting = col(Delivery.state) == DeliveryState.WAITING
    change = update(Delivery).where(waiting, chosen).values(center_id=wanted.center_id)
    session.connection().execute(change)
    # Exactly those: another one may have started to wait in between.
    placed = col(Delivery.center_id) == wanted.center_id
    return deliveries.reopen(session, waiting, chosen, placed)
