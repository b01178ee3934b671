"""The actions that put a request, or its words, on the clipboard."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from app.endpoints.request import Request
from app.endpoints.spelled import Call, Spelling
from app.session.copied import call_for
from app.session.session import Session


def add_spellings(menu: QMenu, call: Callable[[], Call | None], session: Session) -> None:
    """“Copy as …” in every language; `call` is asked when one is chosen, and gives None where it has said why not."""

    def copy(spelling: Spelling) -> None:
        found = call()
        if found is not None:
            QGuiApplication.clipboard().setText(found.spelled(spelling))
            session.messages.say(f"Copied as {spelling.value}; the key is not in it.")

    for each in Spelling:
        menu.addAction(_say("Copy as {0}").format(each.value), lambda each=each: copy(each))


def add_copies(menu: QMenu, request: Request, session: Session) -> None:
    """“Copy prompt” and “Copy as …” for a request that was made."""
    prompt = menu.addAction(_say("Copy prompt"), lambda: QGuiApplication.clipboard().setText(request.prompt))
    prompt.setEnabled(bool(request.prompt))
    add_spellings(menu, lambda: call_for(request, base_name(request, session), session.connections), session)


def base_name(request: Request, session: Session) -> str:
    """What a request's excerpt was cut from, as a sentence names it."""
    for take in session.timeline.takes:
        if take.id == request.base:
            return f"take {take.number}"
    return "the original" if request.base is None else "another take"


def _say(text: str) -> str:
    return QCoreApplication.translate("CopyMenu", text)
