"""What is known of a connection, as a state and a sentence, and how a look at one comes to it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.errors import AppError, OutOfFunds, Unauthorized, Unreachable
from app.session.connections import FAL, Found, keyless, label


class State(StrEnum):
    """What is known of a connection."""

    STARTING = "starting"
    UNCHECKED = "unchecked"
    CHECKING = "checking"
    CONNECTED = "connected"
    NEEDS_KEY = "needs key"
    KEY_REFUSED = "key refused"
    NO_FUNDS = "no funds"
    UNREACHABLE = "unreachable"
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class Status:
    """A state in a sentence, the next step, and when it was last looked at; `key_place` is where its key is from."""

    state: State
    sentence: str
    hint: str = ""
    checked: datetime | None = None
    key_place: str = ""
    replaceable: bool = True


def told(found: Found, error: AppError | None, *, checked: bool) -> Status:
    """The status that a look at a connection comes to."""
    name, connection = found.name, found.connection
    who = label(name)
    base = Status(State.UNCHECKED, "", "", datetime.now().astimezone() if checked else None, found.key_place)
    base = replace(base, replaceable=found.replaceable)
    proxied = connection is not None and connection.proxy_url is not None
    through = f"The proxy for {who}"
    match error:
        case None if checked:
            words = f"{through} answers, and its key is taken." if proxied else f"{who} takes the key."
            if connection is not None and connection.key is None and not proxied:
                words = f"{who} answers, and asks for no key."
            return replace(base, state=State.CONNECTED, sentence=words)
        case None:
            words = f"{who} is asked through a proxy." if proxied else f"A key for {who} is set; it was not tried yet."
            return replace(base, sentence=words, hint="Check tells whether it is taken; that costs nothing.")
        case Unauthorized() if found.connection is None:
            hint = _paste(name) if error.message == keyless(name).message else error.hint
            return replace(base, state=State.NEEDS_KEY, sentence=error.message, hint=hint)
        case Unauthorized() if proxied:
            words = f"{through} was refused, or refuses us."
            return replace(base, state=State.KEY_REFUSED, sentence=words, hint="Ask whoever runs it about its key.")
        case Unauthorized() if not found.key_place:
            return replace(base, state=State.NEEDS_KEY, sentence=keyless(name).message, hint=_paste(name))
        case Unauthorized():
            where = (
                "Copy it again from fal.ai › Dashboard › Keys" if name == FAL else "Ask whoever runs it for a new one"
            )
            hint = f"{where}, and put it in here." if found.replaceable else f"Change it in {found.key_place}."
            return replace(base, state=State.KEY_REFUSED, sentence=f"{who} refused the key.", hint=hint)
        case OutOfFunds():
            words = f"{who} takes the key, but cannot charge the account."
            return replace(base, state=State.NO_FUNDS, sentence=words, hint=error.hint)
        case Unreachable():
            words = f"{through} cannot be reached." if proxied else f"{who} cannot be reached."
            hint = f"{error.hint} The key was not tried." if found.key_place and not proxied else error.hint
            return replace(base, state=State.UNREACHABLE, sentence=words, hint=hint)
        case _:
            return replace(base, state=State.FAULTY, sentence=error.message, hint=error.hint)


def _paste(name: str) -> str:
    variable = ", or set FAL_KEY before starting Retake" if name == FAL else ""
    return f"Paste it below{variable}."
