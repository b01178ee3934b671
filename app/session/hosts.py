"""The connections as the user keeps them: set up, given keys, looked at; what became of that, a sentence each."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.endpoints.catalogue import Endpoint
from app.endpoints.request import Kind
from app.errors import AppError, FieldError
from app.files.settings import ConnectionSetting
from app.remote.check import check_key
from app.remote.connection import Connection, origin
from app.remote.host import limits_for, make_host
from app.session.asking import Asking
from app.session.connection_status import State, Status, told
from app.session.connections import FAL, FAL_SETTING, LOCAL, Connections, Found, build, keyless, label, look_up
from app.session.desk import Desk
from app.session.loop_thread import LoopThread
from app.session.messages import Messages
from app.session.preferences import Preferences

_CONNECT, _CALL = 6.0, 15.0  # seconds; somebody waits for the answer


@dataclass(frozen=True, slots=True)
class _News:
    """What a piece of work on the loop came to; `turn` tells whether it is still of interest."""

    name: str
    turn: int
    found: Found | None = None
    checked: bool = False
    stored: bool = False
    error: AppError | None = None


class Hosts(QObject):
    """Keeps a status for each connection, and changes connections and keys, without ever blocking the GUI.

    `changed` and `connected` carry a name, `key_kept` a name and the AppError where the keyring did not take the key.
    """

    changed = Signal(str)
    listed = Signal()
    connected = Signal(str)
    key_kept = Signal(str, object)
    _told = Signal(object)

    def __init__(
        self,
        preferences: Preferences,
        connections: Connections,
        desk: Desk,
        asking: Asking,
        messages: Messages,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._connections = connections
        self._desk = desk
        self._asking = asking
        self._messages = messages
        self._status: dict[str, Status] = {}
        self._turns: dict[str, int] = {}
        self._engine_trouble: AppError | None = None
        self._thread: LoopThread | None = None
        self._closed = False
        self._saving = asyncio.Lock()
        self._told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)
        desk.offered.connect(self._on_offered)
        asking.catalogue_changed.connect(self._on_catalogue)

    # --- what there is ------------------------------------------------------------------------------------------

    def names(self) -> tuple[str, ...]:
        """Every connection: the offline engine, fal.ai, then the user's own."""
        own = [each.name for each in self._preferences.now.connections if each.name != FAL]
        return (LOCAL, FAL, *own)

    def setting(self, name: str) -> ConnectionSetting | None:
        """How it was set up; None for the offline engine and for what is not there."""
        return self._preferences.now.connection(name) or (FAL_SETTING if name == FAL else None)

    def status(self, name: str) -> Status:
        """What is known of it now."""
        if name == LOCAL:
            return self._engine_status()
        return self._status.get(name, Status(State.UNCHECKED, f"{label(name)} has not been looked at yet."))

    def instead(self, name: str, kind: Kind | None = None) -> Endpoint | None:
        """What the offline engine has for the work that was wanted of a connection; None where nobody wanted any.

        `kind` is that work; without it, it is what the chosen endpoint does, if that is one of the connection's.
        """
        chosen = self._asking.endpoint
        if kind is None and chosen is not None and chosen.connection == name:
            kind = chosen.kind
        if name == LOCAL or not self._connections.has(LOCAL):
            return None
        return next((each for each in self._asking.catalogue.by_connection(LOCAL) if each.kind is kind), None)

    # --- what may be done ---------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Look for every key, and ask the user's own engines what they offer; fal.ai is not asked unless told to."""
        for name in self.names()[1:]:
            self._look(name, ask=name != FAL, quiet=True)

    def check(self, name: str) -> None:
        """Find out whether the host answers and takes the key; starts no job, and costs nothing."""
        if name != LOCAL:
            self._look(name, ask=True)

    def put(self, setting: ConnectionSetting) -> None:
        """Set a connection up, or change it, and look at it; FieldError where an address in it is none.

        A key in the keyring was given for one computer: where the new address names another, it is forgotten first.
        """
        computers = _computers(setting)
        before = self._preferences.now.connection(setting.name)
        moved = before is not None and not computers <= _known_computers(before)
        known = setting.name in self.names()
        self._preferences.now = self._preferences.now.with_connection(setting)
        self._save()
        if not known:
            self.listed.emit()
        if moved:
            self._connections.drop(setting.name)
            turn = self._begin(setting.name, State.CHECKING, f"Asking {label(setting.name)} …")
            self._spawn(self._move(setting, turn))
        else:
            self._look(setting.name, ask=True)

    def remove(self, name: str) -> None:
        """Forget a connection of one's own, its key too."""
        self._preferences.now = self._preferences.now.without_connection(name)
        self._save()
        self._turns[name] = self._turns.get(name, 0) + 1
        self._status.pop(name, None)
        self._connections.drop(name)
        self._asking.catalogue = self._asking.catalogue.without(name)
        self._work(name, lambda: _store(name, ""))
        self.listed.emit()
        self._asking.catalogue_changed.emit()

    def set_key(self, name: str, key: str) -> None:
        """Put a key into the keyring, or take it out (empty), then look at the connection."""
        turn = self._begin(name, State.CHECKING, f"Keeping the key for {label(name)} …" if key else "Forgetting …")
        setting = self.setting(name)
        assert setting is not None

        async def work() -> None:
            refusal: AppError | None = None
            try:
                await asyncio.to_thread(_store, name, key)
            except AppError as error:
                refusal = error.with_traceback(None)  # its frames hold the key
            self._told.emit(_News(name, turn, stored=True, error=refusal))
            await self._follow(setting, turn, ask=bool(key) and refusal is None)

        self._spawn(work())

    @Slot(object)
    def engine_gave_up(self, error: AppError) -> None:
        """The bundled engine will not come back by itself."""
        self._engine_trouble = error
        self.changed.emit(LOCAL)

    def close(self) -> None:
        """Let go of what is under way."""
        self._closed = True
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.finish(_cancel_all())

    # --- on the loop --------------------------------------------------------------------------------------------

    def _look(self, name: str, *, ask: bool, quiet: bool = False) -> None:
        setting = self.setting(name)
        if setting is None:
            return
        words = f"Looking for the key of {label(name)} …" if quiet else f"Asking {label(name)} …"
        turn = self._begin(name, State.CHECKING, words)
        self._spawn(self._follow(setting, turn, ask=ask))

    def _begin(self, name: str, state: State, sentence: str) -> int:
        self._turns[name] = turn = self._turns.get(name, 0) + 1
        self._status[name] = replace(self.status(name), state=state, sentence=sentence, hint="")
        self.changed.emit(name)
        return turn

    async def _follow(self, setting: ConnectionSetting, turn: int, *, ask: bool) -> None:
        found = await asyncio.to_thread(look_up, setting)
        connection = found.connection
        if connection is None or not ask:
            self._told.emit(_News(setting.name, turn, found, error=found.error))
            return
        error: AppError | None = None
        try:
            limits = replace(limits_for(connection), connect=_CONNECT, call=_CALL)
            async with make_host(connection, limits) as host:
                await check_key(host)
        except AppError as caught:
            error = caught
        self._told.emit(_News(setting.name, turn, found, checked=True, error=error))

    async def _move(self, setting: ConnectionSetting, turn: int) -> None:
        found = await asyncio.to_thread(look_up, setting)
        if found.connection is not None and found.connection.key is not None and found.replaceable:
            why = AppError("The key was forgotten: it was given for another computer.", "Paste the one for this host.")
            try:
                await asyncio.to_thread(_store, setting.name, "")
            except AppError as error:  # then nothing may be sent there
                self._told.emit(_News(setting.name, turn, Found(setting.name, error=error), error=error))
                return
            self._told.emit(_News(setting.name, turn, stored=True, error=why))
        await self._follow(setting, turn, ask=True)

    def _work(self, name: str, work: Callable[[], object]) -> None:
        """Something on the disk or in the keyring whose outcome is told only where it fails."""
        turn = self._turns.get(name, 0)

        async def run() -> None:
            try:
                async with self._saving:
                    await asyncio.to_thread(work)
            except AppError as error:
                self._told.emit(_News(name, turn, error=error))

        self._spawn(run())

    def _save(self) -> None:
        self._work("", lambda: self._preferences.now.save())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if self._closed:
            work.close()
            return
        if self._thread is None:
            self._thread = LoopThread()
            self._thread.start()
            self._thread.ready.wait()
        self._thread.spawn(work)

    # --- back on the GUI's thread -------------------------------------------------------------------------------

    @Slot(object)
    def _on_told(self, news: _News) -> None:
        if news.stored:
            self.key_kept.emit(news.name, news.error)
            return
        if news.found is None:
            if news.error is not None:
                self._messages.fail(news.error)
            return
        if news.turn != self._turns.get(news.name):
            return  # it was asked again, changed or removed meanwhile
        self._status[news.name] = told(news.found, news.error, checked=news.checked)
        if self._status[news.name].state is State.NEEDS_KEY:
            self._connections.drop(news.name, news.found.error or keyless(news.name))
        else:
            self._connections.take(news.found)
        connection = self._connections.find(news.name)
        if connection is not None and news.checked and news.error is None and news.name != FAL:
            self._desk.ask_offers(connection)
        self.changed.emit(news.name)
        self._asking.catalogue_changed.emit()
        if connection is not None:
            self.connected.emit(news.name)

    @Slot(object)
    def _on_offered(self, news: tuple[Connection, tuple[object, ...]]) -> None:
        connection, documents = news
        status = self._status.get(connection.name)
        if status is not None and status.state is State.CONNECTED:
            count = f"{len(documents)} endpoint{'' if len(documents) == 1 else 's'}"
            sentence = f"{label(connection.name)} answers, and offers {count}."
            self._status[connection.name] = replace(status, sentence=sentence)
            self.changed.emit(connection.name)

    @Slot()
    def _on_catalogue(self) -> None:
        self.changed.emit(LOCAL)

    def _engine_status(self) -> Status:
        if self._connections.has(LOCAL):
            return Status(State.CONNECTED, "The offline engine answers.", "It needs no key and no network.")
        if self._engine_trouble is not None:
            return Status(State.UNREACHABLE, self._engine_trouble.message, self._engine_trouble.hint)
        return Status(State.STARTING, "The offline engine is starting …")


def _computers(setting: ConnectionSetting) -> set[str]:
    """The names of the computers that its key goes to; FieldError where an address is none."""
    connection = build(setting)
    found = (origin(connection.queue_url), origin(connection.storage_url))
    return {each[1] for each in found if each is not None}


def _known_computers(setting: ConnectionSetting) -> set[str]:
    try:
        return _computers(setting)
    except FieldError:
        return set()  # its key went nowhere


def _store(name: str, key: str) -> None:
    from app.files.keys import can_store, store_key  # the keyring takes a while to load

    if key or can_store():
        store_key(name, key)


async def _cancel_all() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
