"""Ways: which redirects there are, and whether an address leads into the user's own network."""

import asyncio
import ipaddress
import socket
from urllib.parse import urljoin

from app.remote.connection import origin

REDIRECTS = (301, 302, 303, 307, 308)


def next_hop(url: str, location: str) -> str:
    """Where a redirect leads; empty, which is no address, where that cannot be read."""
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


async def leads_inside(url: str) -> bool:
    """Whether the host of a web address is this machine or in this network, by what its name resolves to here."""
    where = origin(url)
    if where is None:
        return False
    try:
        found = await asyncio.get_running_loop().getaddrinfo(where[1], where[2], type=socket.SOCK_STREAM)
    except OSError:
        return False  # behind a proxy names may not resolve here; connecting will tell
    return any(not ipaddress.ip_address(str(address[0]).split("%")[0]).is_global for *_, address in found)
