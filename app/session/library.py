"""The library: endpoints that the user added, and what was corrected, priced or starred of any of them.

Its own documents and corrections are laid over whatever the catalogue is offered, each time that it changes. The
network and the disk are never waited for here: answers come by signal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from app.endpoints.binding import fitting
from app.endpoints.catalogue import Catalogue, Endpoint, Price
from app.endpoints.roles import Role, field_at
from app.errors import AppError
from app.files.library import Entry, Loaded, forget_entry, load_library, store_entry
from app.remote.documents import document_url
from app.session.asking import Asking
from app.session.background import Background
from app.session.connections import FAL, LOCAL
from app.session.library_applied import Key, applied, changes, key_of, plain_of, read_entry, unread
from app.session.library_lookup import Address, Found, look_up, today
from app.session.messages import Messages


@dataclass(frozen=True, slots=True)
class Preview:
    """What a text was found to name: `found`, or the `error` that tells why nothing was."""

    text: str
    connection: str
    found: Found | None = None
    error: AppError | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """The library off the disk, its documents read already."""

    loaded: Loaded
    own: dict[Key, Endpoint]
    notes: tuple[str, ...]


class Library(QObject):
    """Adds, keeps, refreshes, corrects and removes. `changed` says that the picker's lines are to be made anew."""

    changed = Signal()
    previewed = Signal(object)  # Preview
    kept = Signal(object)  # Endpoint, as it is shown
    refreshed = Signal(object, str)  # the same, and what changed, in a sentence

    def __init__(
        self,
        asking: Asking,
        messages: Messages,
        parent: QObject | None = None,
        last: str = "",
        address: Address = document_url,
    ) -> None:
        super().__init__(parent)
        self._asking, self._messages = asking, messages
        self._background = Background(2, self)
        # One thread writes, in the order in which things were done.
        self._writer = Background(1, self)
        self._address = address
        self._closed = False
        self._last = last  # the endpoint of the run before: chosen again where it is one of the library's
        self._entries: dict[Key, Entry] = {}
        self._own: dict[Key, Endpoint] = {}
        self._offered: dict[Key, Endpoint] = {}
        self._shown: dict[Key, tuple[Endpoint | None, Endpoint | None, Entry | None, Endpoint]] = {}
        self._previews = 0
        self._applying = False
        self._waiting: list[Callable[[], None]] | None = []
        asking.catalogue_changed.connect(self._apply)
        asking.endpoint_changed.connect(self._on_chosen)
        self._apply()
        self._background.run(_read_all, self._on_loaded, messages.fail)

    def close(self) -> None:
        """Stop looking things up, and write what is to be written."""
        self._closed = True
        self._background.close()
        self._writer.close(finish=True)

    @property
    def loaded(self) -> bool:
        """Whether what the disk holds is known; verbs called before wait for it."""
        return self._waiting is None

    # --- what is known of an endpoint -----------------------------------------------------------------------------

    def entry(self, connection: str, endpoint: str) -> Entry:
        """What is kept of an endpoint; an empty entry where nothing is."""
        return self._entries.get((connection, endpoint)) or Entry(connection=connection, id=endpoint)

    def is_added(self, connection: str, endpoint: str) -> bool:
        """Whether it is there only because the user added it."""
        key = (connection, endpoint)
        return key in self._own and key not in self._offered

    def is_changed(self, connection: str, endpoint: str) -> bool:
        """Whether it could be put back to how it was offered."""
        entry = self.entry(connection, endpoint)
        return bool(entry.document or entry.roles or entry.price) and not self.is_added(connection, endpoint)

    def can_refresh(self, connection: str, endpoint: str) -> bool:
        """Whether its document can be fetched anew; other hosts than fal's tell of their endpoints themselves."""
        return connection == FAL or (connection, endpoint) in self._own

    def plain(self, connection: str, endpoint: str) -> Endpoint | None:
        """The endpoint as its document has it, before what the user corrected."""
        return plain_of(self._offered.get((connection, endpoint)), self._own.get((connection, endpoint)))

    # --- adding and removing --------------------------------------------------------------------------------------

    def preview(self, text: str, connection: str) -> None:
        """Look up what the text names, and keep nothing; `previewed` brings it, unless another look came after."""
        self._previews += 1
        mark = self._previews

        def answer(preview: Preview) -> None:
            if mark == self._previews:
                self.previewed.emit(preview)

        def done(found: Found) -> None:
            answer(Preview(text, connection, found))

        def failed(error: AppError) -> None:
            answer(Preview(text, connection, error=error))

        def stopped() -> bool:
            return self._closed or mark != self._previews

        self._background.run(partial(look_up, text, connection, self._address, stopped), done, failed)

    def stop_preview(self) -> None:
        """Let what is being looked up come to nothing."""
        self._previews += 1

    def keep(self, found: Found) -> None:
        """Add what a preview showed, and ask it from now on; a document of the same endpoint gives way."""
        endpoint = found.endpoint

        def put() -> None:
            self._own[key_of(endpoint)] = endpoint
            self._store(replace(self.entry(*key_of(endpoint)), document=found.document))
            shown = self._asking.catalogue.get(endpoint.id, endpoint.connection) or endpoint
            self.kept.emit(shown)
            self._choose(shown)

        self._when_loaded(put)

    def add(self, text: str, connection: str) -> None:
        """Look up and keep at once."""
        self._look_up(text, connection, self.keep)

    def remove(self, connection: str, endpoint: str) -> None:
        """Forget an added endpoint; any other is put back to how it was offered, and stays a favourite if it was."""

        def take() -> None:
            key = (connection, endpoint)
            entry, added = self.entry(*key), self.is_added(*key)
            self._own.pop(key, None)
            if not added:
                self._store(replace(entry, document=None, roles={}, price=None))
                return
            self._entries.pop(key, None)
            self._writer.run(partial(forget_entry, entry), _nothing, self._messages.fail)
            self._apply()
            self.changed.emit()

        self._when_loaded(take)

    # --- correcting -----------------------------------------------------------------------------------------------

    def refresh(self, connection: str, endpoint: str) -> None:
        """Fetch its document anew; `refreshed` and a message say what changed. What is in the panel and fits, stays."""
        before = self._asking.catalogue.get(endpoint, connection)
        document = self.entry(connection, endpoint).document
        if before is None or not self.can_refresh(connection, endpoint):
            self._messages.warn(
                f"There is no document of {endpoint} to fetch.", "Its host tells of it when it is connected."
            )
            return
        origin = document.origin if document is not None else endpoint

        def done(found: Found) -> None:
            self._when_loaded(partial(self._on_refreshed, before, found))

        self._look_up(origin, connection, done)

    def _on_refreshed(self, before: Endpoint, found: Found) -> None:
        key = key_of(before)
        if key_of(found.endpoint) != key:
            self._messages.warn(
                f"What is there now is the document of {found.endpoint.id}, not of {before.id}.",
                "Add it as an endpoint of its own if you want it.",
            )
            return
        if self._asking.catalogue.get(before.id, before.connection) is None:
            return  # removed meanwhile
        self._own[key] = found.endpoint
        values = dict(self._asking.values)
        self._store(replace(self.entry(*key), document=found.document))
        after = self._asking.catalogue.need(before.id, before.connection)
        told = changes(before, after)
        if self._asking.endpoint == after:
            lost = [name for name in values if name not in self._asking.values]
            told += f" No longer set: {', '.join(lost)}." if lost else ""
        self._messages.say(told)
        self.refreshed.emit(after, told)

    def set_favourite(self, connection: str, endpoint: str, favourite: bool) -> None:
        """Star it, or take the star away."""
        self._change(connection, endpoint, lambda entry: replace(entry, favourite=favourite))

    def set_price(self, connection: str, endpoint: str, amount: float | None, per: str = "request") -> None:
        """What the user knows of the price, in US dollars, as of today; None leaves it to the document."""
        price = None if amount is None else Price(amount, per, today())
        self._change(connection, endpoint, lambda entry: replace(entry, price=price))

    def correct_roles(self, connection: str, endpoint: str, roles: Mapping[Role, str | None]) -> None:
        """These roles are with these fields (dotted paths), or with none; what the document says needs no keeping."""

        def change() -> None:
            plain = self.plain(connection, endpoint)
            if plain is None:
                return
            told = {role: path for role, path in roles.items() if path != plain.roles.get(role)}
            try:
                plain.with_roles(told)
            except AppError as error:
                self._messages.fail(error)
            else:
                self._store(replace(self.entry(connection, endpoint), roles=told))

        self._when_loaded(change)

    def _change(self, connection: str, endpoint: str, change: Callable[[Entry], Entry]) -> None:
        self._when_loaded(lambda: self._store(change(self.entry(connection, endpoint))))

    def _store(self, entry: Entry) -> None:
        if entry.empty:
            self._entries.pop(entry.key, None)
        else:
            self._entries[entry.key] = entry
        self._writer.run(partial(store_entry, entry), _nothing, self._messages.fail)
        self._apply()
        self.changed.emit()

    def _look_up(self, text: str, connection: str, done: Callable[[Found], None]) -> None:
        work = partial(look_up, text, connection, self._address, lambda: self._closed)
        self._background.run(work, done, self._messages.fail)

    # --- the catalogue --------------------------------------------------------------------------------------------

    def _when_loaded(self, verb: Callable[[], None]) -> None:
        """What the disk holds is known before anything is written over it."""
        if self._waiting is None:
            verb()
        else:
            self._waiting.append(verb)

    def _on_loaded(self, read: _Read) -> None:
        self._entries = {entry.key: entry for entry in read.loaded.entries}
        self._own = dict(read.own)
        for note in read.notes:
            self._messages.warn(note)
        self._apply()
        self.changed.emit()
        last = next((own for own in self._own.values() if own.id == self._last), None)
        if last is not None:
            self._choose(last)
        waiting, self._waiting = self._waiting or [], None
        for verb in waiting:
            verb()

    @Slot()
    def _apply(self) -> None:
        """Lay what is kept over what is offered; what this put into the catalogue is not taken for an offer."""
        if self._applying:
            return
        catalogue = self._asking.catalogue
        mine = {key: shown[-1] for key, shown in self._shown.items()}
        self._offered = {
            key: each if mine.get(key) is not each else self._offered[key]
            for each in catalogue
            if mine.get(key := key_of(each)) is not each or key in self._offered
        }
        self._shown = {key: shown for key in (*self._offered, *self._own) if (shown := self._look(key)) is not None}
        laid = Catalogue(shown[-1] for shown in self._shown.values())
        if [*map(id, laid)] == [*map(id, catalogue)]:
            return
        self._applying = True
        try:
            self._asking.catalogue = laid
            self._asking.catalogue_changed.emit()
        finally:
            self._applying = False
        self._renew_choice()

    def _look(self, key: Key) -> tuple[Endpoint | None, Endpoint | None, Entry | None, Endpoint] | None:
        """What is shown under a key, with what it was made from: made from the same, it stays the same object."""
        parts = (self._offered.get(key), self._own.get(key), self._entries.get(key))
        known = self._shown.get(key)
        if known is not None and all(old is new for old, new in zip(known, parts, strict=False)):
            return known
        made = applied(*parts)
        return None if made is None else (*parts, made)

    def _renew_choice(self) -> None:
        """The chosen endpoint as it is now, its panel's values as far as they fit; another one where it is gone."""
        chosen = self._asking.endpoint
        if chosen is None:
            return
        now = self._asking.catalogue.get(chosen.id, chosen.connection)
        if now is None:
            every = self._asking.catalogue.all()
            other = next((each for each in every if each.connection == LOCAL), next(iter(every), None))
            if other is not None:
                self._choose(other)
        elif now != chosen:
            asking = self._asking
            files = {path: file for path, file in asking.attachments.items() if field_at(now.fields, path) is not None}
            asking.set_values(fitting(now, asking.values), asking.seed, files)
            self._choose(now)

    def _choose(self, endpoint: Endpoint) -> None:
        self._asking.choose(endpoint.id, endpoint.connection)

    @Slot(object)
    def _on_chosen(self, endpoint: Endpoint) -> None:
        entry = self.entry(*key_of(endpoint))
        if self._waiting is None and entry.used != today():
            used = replace(entry, used=today())
            self._entries[used.key] = used
            self._writer.run(partial(store_entry, used), _nothing, self._messages.fail)


def _read_all() -> _Read:
    loaded = load_library()
    own: dict[Key, Endpoint] = {}
    notes = list(loaded.notes)
    for entry in loaded.entries:
        try:
            found = read_entry(entry)
        except AppError as error:
            notes.append(unread(entry, error))
            continue
        if found is not None:
            own[entry.key] = found
    return _Read(loaded, own, tuple(notes))


def _nothing(_: object) -> None:
    """What is written needs no further word."""
