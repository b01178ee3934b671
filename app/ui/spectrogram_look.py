"""How the clip is shown, and how its spectrogram looks: what the user chose."""

from dataclasses import dataclass
from enum import StrEnum

from app.sound.frequencies import Axis
from app.sound.spectrum import Lens, per_column_for, window_for
from app.ui.colour_maps import ColourMap

RANGES = (60, 80, 100, 120)
_TOP = -10.0  # dB: music hardly ever has more in one bin


class Shown(StrEnum):
    """What stands in the lanes."""

    WAVE = "waveform"
    SPECTROGRAM = "spectrogram"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class SpectrogramLook:
    """Axis, frames to a window (0: as suits the zoom), dB from the faintest to the loudest colour, and colours."""

    axis: Axis = Axis.LOG
    window: int = 0
    range_db: int = 80
    colours: ColourMap = ColourMap.SEA

    @property
    def levels(self) -> tuple[float, float]:
        """dB of the first and the last colour."""
        return _TOP - self.range_db, _TOP

    def lens(self, hop: int, rate: int, rows: int) -> Lens:
        """How columns `hop` frames apart are made."""
        window = self.window or window_for(hop, rate)
        return Lens(window, per_column_for(hop, window), rows, self.axis)
