"""A check of a connection's key that starts no job and costs nothing."""

import json

from app.errors import BadReply
from app.remote import wire
from app.remote.exchange import Caller
from app.remote.faults import Step, for_good
from app.remote.host import Host


async def check_key(host: Host) -> None:
    """Returns where the host takes the key. Unauthorized, OutOfFunds, Unreachable, RateLimited, BadReply otherwise.

    It asks the storage for an address to upload to, and sends nothing there: the one call that is free, needs the key,
    and is refused to an account that is locked. (A job's status is told to locked accounts too, and a submit may be
    charged.) Asked once: the user is waiting for the answer.
    """
    connection = host.connection
    caller = Caller(connection, host.http, host.limits)
    reply = await caller.ask(
        Step.UPLOAD,
        "POST",
        f"{connection.storage_url}/upload/initiate?storage_type=fal-cdn-v3",
        content=json.dumps({"content_type": "audio/wav", "file_name": "check.wav"}).encode("ascii"),
        headers={"Content-Type": "application/json"},
        within=min(host.limits.call, 15.0),
    )
    if not reply.ok:
        raise caller.refusal(Step.UPLOAD, reply)
    try:
        wire.read(wire.UploadAnswer, reply.body)
    except BadReply as error:
        raise for_good(
            BadReply(f"{connection.label} does not speak the queue's protocol.", "Check the connection's address.")
        ) from error
