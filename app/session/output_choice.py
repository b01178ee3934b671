"""Which output is played on: the system's default, or one by name; kept in the settings."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.session.player import Player
from app.session.preferences import Preferences


@dataclass(frozen=True, slots=True)
class Choice:
    """One output to choose; `key` None is the system's default; `there` tells whether it is plugged in."""

    key: str | None
    text: str
    there: bool = True


class OutputChoice(QObject):
    """What can be chosen, and what is."""

    changed = Signal()

    def __init__(self, player: Player, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._player, self._preferences = player, preferences
        player.choose_device(preferences.now.audio_device)
        player.devices_changed.connect(self.changed)

    @property
    def chosen(self) -> str | None:
        """The key of what is chosen; None where the system's default is followed."""
        return self._player.device

    def choose(self, key: str | None) -> None:
        """Play on that from now on, and keep it."""
        self._preferences.change(audio_device=key)
        self._player.choose_device(key)

    def look(self) -> None:
        """See what was plugged in; `changed` tells."""
        self._player.look_for_devices()

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The system's default first, then what there is, and what is chosen also where it is away."""
        found = self._player.devices
        default = next((each.name for each in found if each.default), "")
        default = "" if default.lower() == "default" else default  # as ALSA calls what a sound server stands behind
        several = len({each.host for each in found}) > 1
        listed = [Choice(None, f"System default ({default})" if default else "System default")]
        listed += [Choice(each.key, f"{each.name} · {each.host}" if several else each.name) for each in found]
        if self.chosen is not None and self.chosen not in {each.key for each in listed}:
            name = self.chosen.rpartition(", ")[0] or self.chosen
            listed.append(Choice(self.chosen, f"{name} (not seen)", there=False))
        return tuple(dict.fromkeys(listed))
