"""What the picker's panel asks for, done: its dialogs are opened here, and the library does the rest."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QDialog, QWidget

from app.endpoints.catalogue import Endpoint
from app.session.asking import Asking
from app.session.connections import FAL
from app.session.library import Library
from app.ui.endpoint_add import AddEndpoint
from app.ui.endpoint_choices import EndpointChoice
from app.ui.endpoint_panel import Verb
from app.ui.endpoint_picker import EndpointPicker
from app.ui.endpoint_price import SetPrice
from app.ui.endpoint_roles import CorrectRoles


class EndpointVerbs(QObject):
    """Joins a picker to the library. `connections` names what an added endpoint may be asked at."""

    def __init__(
        self, picker: EndpointPicker, asking: Asking, library: Library, connections: Callable[[], Sequence[str]]
    ) -> None:
        super().__init__(picker)
        self._picker, self._asking, self._library = picker, asking, library
        self._connections = connections
        picker.asked.connect(self._on_asked)
        picker.add_wanted.connect(self.add)

    @Slot(str)
    def add(self, text: str = "") -> None:
        """Open the dialog that adds an endpoint, with what was typed already looked up."""
        names = dict.fromkeys((FAL, *self._connections()))
        dialog = AddEndpoint(self._library, list(names), self._over())
        _open(dialog)
        if text:
            dialog.look_at(text)

    @Slot(str, object)
    def _on_asked(self, verb: str, choice: EndpointChoice) -> None:
        key = choice.connection, choice.id
        shown = self._asking.catalogue.get(choice.id, choice.connection)
        if verb == Verb.FAVOURITE:
            self._library.set_favourite(*key, not choice.favourite)
        elif verb == Verb.REFRESH:
            self._library.refresh(*key)
        elif verb == Verb.REMOVE:
            self._library.remove(*key)
        elif verb == Verb.ROLES and shown is not None:
            self._correct(shown)
        elif verb == Verb.PRICE and shown is not None:
            self._price(shown)

    def _correct(self, shown: Endpoint) -> None:
        key = shown.connection, shown.id
        dialog = CorrectRoles(self._library.plain(*key) or shown, shown, self._over())
        dialog.accepted.connect(lambda: self._library.correct_roles(*key, dialog.roles()))
        _open(dialog)

    def _price(self, shown: Endpoint) -> None:
        key = shown.connection, shown.id
        dialog = SetPrice(shown, self._over())
        dialog.accepted.connect(lambda: self._library.set_price(*key, dialog.value(), dialog.unit()))
        _open(dialog)

    def _over(self) -> QWidget:
        return self._picker.window()


def _open(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
