"""What the panel can be given back: presets by name, and the words that were asked with lately."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.endpoints.binding import defaults, fitting
from app.endpoints.catalogue import Endpoint
from app.endpoints.fields import Json
from app.endpoints.roles import Role, value_at, with_value
from app.endpoints.wildcards import expanded, wild_paths
from app.errors import AppError
from app.files.presets import Presets, change_presets, checked_name, load_presets
from app.session.asking import Asking
from app.session.background import Background
from app.session.messages import Messages

WORDS = (Role.PROMPT, Role.TAGS, Role.LYRICS, Role.NEGATIVE_PROMPT)


@dataclass(frozen=True, slots=True)
class Step:
    """One of so many (`count`) recent texts; `place` counts from 1, and 0 is what was typed before."""

    text: str
    place: int
    count: int


@dataclass(frozen=True, slots=True)
class _Walk:
    """Where one has gone among the recent texts: what had been typed, how far, and what was shown last."""

    draft: str
    place: int = 0
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Deleted:
    """A preset that can still be brought back."""

    endpoint: str
    name: str
    values: Mapping[str, Json]


class Prompts(QObject):
    """Keeps presets and recent words for all endpoints, on the disk by a thread of its own.

    `changed`: there are other presets or texts, or another preset is the current one. `recalled`: other values stand
    in `asking` now, and the panel is to show them.
    """

    changed = Signal()
    recalled = Signal()

    def __init__(self, asking: Asking, messages: Messages, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asking, self._messages = asking, messages
        self._now = Presets()
        self._current: dict[str, str] = {}
        self._walks: dict[Role, _Walk] = {}
        self._writing = 0
        self.deleted: Deleted | None = None
        # One thread: changes reach the disk in the order in which they were made.
        self._disk = Background(1, self)
        self._disk.run(load_presets, self._on_loaded, messages.fail)
        asking.endpoint_changed.connect(self._on_endpoint)

    # --- presets ------------------------------------------------------------------------------------------------

    def names(self) -> tuple[str, ...]:
        """The presets of the endpoint that is chosen, by name."""
        endpoint = self._asking.endpoint
        return tuple(sorted(self._now.of(endpoint.id), key=str.casefold)) if endpoint else ()

    @property
    def current(self) -> str:
        """The preset that was saved or recalled last for this endpoint; empty where there is none."""
        endpoint = self._asking.endpoint
        name = self._current.get(endpoint.id, "") if endpoint else ""
        return name if name in self.names() else ""

    @property
    def edited(self) -> bool:
        """Whether the panel holds something else than the current preset."""
        endpoint = self._asking.endpoint
        if endpoint is None or not self.current:
            return False
        saved = self._now.of(endpoint.id)[self.current]
        return _told(endpoint, saved) != _told(endpoint, self._kept(endpoint))

    def save_preset(self, name: str) -> None:
        """Keep the panel under that name, in place of what had it. FieldError for a name that is none."""
        endpoint = self._need()
        name = checked_name(name)
        values = self._kept(endpoint)
        self._current[endpoint.id] = name
        self._change(lambda now: now.with_preset(endpoint.id, name, values))

    def recall(self, name: str) -> None:
        """Put a preset into the panel; what no longer fits is left out and told. A kept seed stays as it is."""
        endpoint = self._need()
        values = self._now.of(endpoint.id).get(name)
        if values is None:
            return
        fits = _fitting(endpoint, values)
        self._put(endpoint, fits)
        self._current[endpoint.id] = name
        labels = {each.name: each.label for each in endpoint.fields}
        lost = [labels.get(each, each) for each in values if each not in fits]
        if lost:
            listed = lost[0] if len(lost) == 1 else f"{', '.join(lost[:-1])} and {lost[-1]}"
            self._messages.warn(
                f"“{name}” was recalled without {listed}, which this endpoint no longer takes as saved.",
                f"Preset › Update “{name}” keeps it as it is now.",
            )
        self._show()

    def rename(self, name: str, new: str) -> None:
        """Call a preset something else, in place of what was called so. FieldError for a name that is none."""
        endpoint = self._need()
        new = checked_name(new)
        if self._current.get(endpoint.id) == name:
            self._current[endpoint.id] = new
        self._change(lambda now: now.renamed(endpoint.id, name, new))

    def delete(self, name: str) -> None:
        """Forget a preset; until the next is deleted, `undelete` brings it back."""
        endpoint = self._need()
        values = self._now.of(endpoint.id).get(name)
        if values is None:
            return
        self.deleted = Deleted(endpoint.id, name, values)
        self._change(lambda now: now.without(endpoint.id, name))
        self._messages.say(f"Deleted the preset “{name}”.", f"Preset › Bring “{name}” back undoes it.")

    def undelete(self) -> None:
        """Bring the preset that was deleted last back, beside one that has taken its name since."""
        gone, self.deleted = self.deleted, None
        if gone is None:
            return
        name = gone.name
        while name in self._now.of(gone.endpoint):
            name = f"{name[:70]} again"
        self._change(lambda now: now.with_preset(gone.endpoint, name, gone.values))

    def reset(self) -> None:
        """Everything back to the endpoint's defaults, but the words and a kept seed."""
        endpoint = self._need()
        values: dict[str, Json] = {}
        for role in WORDS:
            path = endpoint.roles.get(role)
            text = value_at(self._asking.values, path) if path is not None else None
            if path is not None and text is not None:
                values = with_value(values, path, text)
        self._current.pop(endpoint.id, None)
        self._put(endpoint, values)
        self._show()

    # --- recent words -------------------------------------------------------------------------------------------

    def remember(self) -> None:
        """What was asked with just now: the texts of the panel become the newest ones."""
        self._walks.clear()
        texts = self._texts()
        if texts:
            self._change(lambda now: _with_texts(now, texts))

    def older(self, role: Role, typed: str) -> Step | None:
        """The text before the one that stands in a field of that role; None where there is none older.

        What had been typed comes first on the way back: nothing is lost by looking.
        """
        return self._step(role, typed, 1)

    def newer(self, role: Role, typed: str) -> Step | None:
        """The text after it; at last what had been typed. None at the end of the way."""
        return self._step(role, typed, -1)

    def _step(self, role: Role, typed: str, by: int) -> Step | None:
        walk = self._walks.get(role)
        if walk is None or walk.shown.split() != typed.split():  # an editor of one line breaks no lines
            walk = _Walk(typed, 0, typed)  # edited since: this is the draft now
        texts = [each for each in self._now.texts(role) if each != walk.draft.strip()]
        place = min(max(walk.place + by, 0), len(texts))
        if place == walk.place:
            return None
        text = texts[place - 1] if place else walk.draft
        self._walks[role] = _Walk(walk.draft, place, text)
        return Step(text, place, len(texts))

    # --- the small print ----------------------------------------------------------------------------------------

    def close(self) -> None:
        """Wait until everything is on the disk."""
        self._disk.close(finish=True)

    def _need(self) -> Endpoint:
        if self._asking.endpoint is None:
            raise AppError("No endpoint is chosen.", "Choose one at the top of the panel.")
        return self._asking.endpoint

    def _kept(self, endpoint: Endpoint) -> dict[str, Json]:
        """What a preset keeps of the panel: all but the seed, which is one throw of the dice."""
        seed = endpoint.roles.get(Role.SEED)
        return {name: value for name, value in self._asking.values.items() if name != seed}

    def _put(self, endpoint: Endpoint, values: Mapping[str, Json]) -> None:
        """Other values into the panel; the words that stood there can be had again, and the seed stays."""
        texts = {role: text for role, text in self._texts().items() if value_at(values, endpoint.roles[role]) != text}
        if texts:
            self._change(lambda now: _with_texts(now, texts))
        seed = endpoint.roles.get(Role.SEED)
        kept = {seed: self._asking.values[seed]} if seed is not None and seed in self._asking.values else {}
        filled = {**defaults(endpoint), **values, **kept}
        self._asking.set_values(filled, self._asking.seed, self._asking.attachments)

    def _texts(self) -> dict[Role, str]:
        """The words in the panel, by role."""
        endpoint = self._asking.endpoint
        found = (
            {role: value_at(self._asking.values, endpoint.roles[role]) for role in WORDS if role in endpoint.roles}
            if endpoint
            else {}
        )
        return {role: text for role, text in found.items() if isinstance(text, str) and text.strip()}

    def _change(self, change: Callable[[Presets], Presets]) -> None:
        """Here at once, and on the disk in a moment."""
        self._now = change(self._now)
        self._writing += 1
        self._disk.run(lambda: change_presets(change), self._on_written, self._on_failed)
        self.changed.emit()

    def _show(self) -> None:
        self.recalled.emit()
        self.changed.emit()

    def _on_loaded(self, found: Presets) -> None:
        for note in found.notes:
            self._messages.warn(note)
        if not self._writing:
            self._now = found
            self.changed.emit()

    def _on_written(self, written: Presets) -> None:
        self._writing -= 1
        self._on_loaded(written)

    def _on_failed(self, error: AppError) -> None:
        self._writing -= 1
        self._messages.fail(error)
        self._disk.run(load_presets, self._on_loaded, self._messages.fail)

    def _on_endpoint(self, _: Endpoint) -> None:
        self._walks.clear()
        self.changed.emit()


def _with_texts(presets: Presets, texts: Mapping[Role, str]) -> Presets:
    for role, text in texts.items():
        presets = presets.with_text(role.value, text)
    return presets


def _fitting(endpoint: Endpoint, values: Mapping[str, Json]) -> dict[str, Json]:
    """Those values that the endpoint takes; a text with wildcards is judged by what it becomes, not by its length."""
    probe = expanded(values, wild_paths(endpoint), 1, random.Random(0))[0]
    fits = fitting(endpoint, probe)
    return {name: value for name, value in values.items() if name in fits}


def _told(endpoint: Endpoint, values: Mapping[str, Json]) -> dict[str, Json]:
    """Values as they are sent: what is left out at its default, null like what is left out."""
    return {name: value for name, value in {**defaults(endpoint), **values}.items() if value is not None}
