"""What was asked once, put back into the window to be asked again."""

from typing import TYPE_CHECKING

from app.endpoints.request import Kind, Request

if TYPE_CHECKING:
    from app.session.session import Session


def recall(session: "Session", request: Request) -> bool:
    """The endpoint, its panel, and the mask where it lies in the version in use; whether it can be asked.

    What was inserted goes in at the playhead again, which is put where it went in.
    """
    asking = session.asking
    if not asking.choose(request.endpoint, request.connection):
        session.messages.warn(f"{request.endpoint} cannot be asked now.", "Its connection is not there.")
        return False
    mask = session.mask_of(request)
    asking.set_grow(request.grow)
    if request.kind is Kind.GENERATE and not request.replaced.length:
        session.set_mask(None)
        asking.set_new_seconds(request.mask.duration(request.rate))
        if mask is not None:
            session.hearing.player.seek(mask.start)
    elif request.kind is not Kind.OTHER:
        session.set_mask(mask)
    asking.set_values(request.params, None, request.attachments)
    return True
