"""Requests on their way to the clipboard: which host they go to, and under which name its key is found."""

from typing import Final

from app.endpoints.request import Request
from app.endpoints.spelled import Call, call_of
from app.session.connections import FAL, Connections

_FAL_KEY: Final = "FAL_KEY"
_OTHER_KEY: Final = "RETAKE_KEY"  # as the command line has it


def call_for(request: Request, base: str, connections: Connections) -> Call:
    """The call of a request at its own host, which may not be there now; `base` names what its excerpt is cut from."""
    found = connections.find(request.connection)
    if request.connection == FAL:
        if found is None:
            return call_of(request, base)
        return call_of(request, base, queue_url=found.queue_url, key=_FAL_KEY, proxy_url=found.proxy_url)
    if found is None:
        return call_of(request, base, queue_url=f"<address of {request.connection}>", key=_OTHER_KEY)
    key = _OTHER_KEY if found.key is not None else ""
    return call_of(request, base, queue_url=found.queue_url, key=key, proxy_url=found.proxy_url)
