"""The verbs of the View menu that say how sound and ruler are drawn; kept in the settings."""

from dataclasses import replace

from PySide6.QtCore import QObject, Slot

from app.files.settings import Settings
from app.session.preferences import Preferences
from app.ui.ruler_marks import Measure, Unit
from app.ui.ruler_menu import RulerMenu, meter_of
from app.ui.wave_look import Look
from app.ui.waveform import WaveformView


def look_of(settings: Settings, amplitude: float = 1.0) -> Look:
    """How the settings want sound to be drawn."""
    return Look(settings.lanes_overlaid, settings.levels_in_db, settings.show_rms, settings.show_clipping, amplitude)


def measure_of(settings: Settings) -> Measure:
    """What the settings want the ruler to count."""
    return Measure(Unit(settings.ruler), settings.tempo, *meter_of(settings.meter))


class ViewVerbs(QObject):
    """Changes settings and shows them; `state` tells what the menu has to tick."""

    def __init__(self, preferences: Preferences, wave: WaveformView, parent: QObject) -> None:
        super().__init__(parent)
        self._preferences, self._wave = preferences, wave
        wave.ruler_menu_requested.connect(self.show_ruler_menu)
        self._show()

    def state(self) -> set[str]:
        """The names of the actions that are on."""
        now = self._preferences.now
        on = {
            "overlaid": now.lanes_overlaid,
            "decibels": now.levels_in_db,
            "rms": now.show_rms,
            "clipping": now.show_clipping,
        }
        return {name for name, value in on.items() if value} | {f"ruler_{now.ruler}"}

    def overlaid(self) -> None:
        self._change(lanes_overlaid=not self._preferences.now.lanes_overlaid)

    def decibels(self) -> None:
        self._change(levels_in_db=not self._preferences.now.levels_in_db)

    def rms(self) -> None:
        self._change(show_rms=not self._preferences.now.show_rms)

    def clipping(self) -> None:
        self._change(show_clipping=not self._preferences.now.show_clipping)

    def ruler_time(self) -> None:
        self._change(ruler=Unit.TIME.value)

    def ruler_samples(self) -> None:
        self._change(ruler=Unit.SAMPLES.value)

    def ruler_bars(self) -> None:
        self._change(ruler=Unit.BARS.value)

    def ruler_tempo(self) -> None:
        """Open the ruler's menu with the tempo in hand."""
        self.show_ruler_menu(None)

    @Slot(object)
    def show_ruler_menu(self, at: object) -> None:
        """The ruler's menu at a place of the screen; without one below the ruler's beginning."""
        menu = RulerMenu(measure_of(self._preferences.now), self._wave)
        menu.measure_changed.connect(self.set_measure)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at if at is not None else self._wave.ruler_corner())  # type: ignore[arg-type]
        if at is None:
            menu.tempo.setFocus()
            menu.tempo.selectAll()

    @Slot(object)
    def set_measure(self, measure: Measure) -> None:
        """Count this, from now on."""
        self._change(ruler=measure.unit.value, tempo=measure.tempo, meter=f"{measure.beats}/{measure.note}")

    def _change(self, **values: object) -> None:
        self._preferences.change(**values)
        self._show()

    def _show(self) -> None:
        settings = self._preferences.now
        self._wave.set_look(replace(look_of(settings), amplitude=self._wave.amplitude()))
        self._wave.set_measure(measure_of(settings))
