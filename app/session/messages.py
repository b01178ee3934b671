"""The one road for words to the user: whoever has something to say says it here, one view shows it."""

import logging
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from app.errors import AppError

log = logging.getLogger(__name__)


class Weight(StrEnum):
    """How much a message matters."""

    INFO = "info"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Message:
    """What happened, and the next step."""

    weight: Weight
    text: str
    hint: str = ""


class Messages(QObject):
    """Writes every message to the log and hands it to the view that listens."""

    posted = Signal(object)

    def say(self, text: str, hint: str = "") -> None:
        """Something worth knowing."""
        self._post(Message(Weight.INFO, text, hint))

    def warn(self, text: str, hint: str = "") -> None:
        """Something that may not be as the user expects."""
        self._post(Message(Weight.WARN, text, hint))

    def fail(self, error: AppError) -> None:
        """Something that could not be done."""
        self._post(Message(Weight.ERROR, error.message, error.hint))

    def _post(self, message: Message) -> None:
        log.info("%s: %s %s", message.weight, message.text, message.hint)
        self.posted.emit(message)
