"""Real recordings for the engine's benchmarks, out of Debian packages unpacked below one folder with dpkg -x."""

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

from app.sound.clip import Frames

_STK, _WZ = "usr/share/games/supertuxkart/data/music", "usr/share/games/warzone2100/music/albums"
_ALLISON = "usr/share/asterisk/sounds/en_US_f_Allison"
# Package: supertuxkart-data, warzone2100-music, drascula-music, asterisk-moh-opsound-g722
MUSIC = (
    f"{_STK}/hacienda.ogg",
    f"{_STK}/Lava.ogg",
    f"{_STK}/egypt.ogg",
    f"{_STK}/snowmountain.ogg",
    f"{_STK}/kart_grand_prix.ogg",
    f"{_WZ}/original_soundtrack/track1.opus",
    f"{_WZ}/legacy_soundtrack/track10.opus",
    f"{_WZ}/aftermath_soundtrack/track20.opus",
    "usr/share/scummvm/drascula/audio/track10.ogg",
    "usr/share/asterisk/moh/reno_project-system.g722",
)
# puredata-doc, alsa-utils, asterisk-core-sounds-en-g722, supertuxkart-data
VOICE = (
    "usr/share/puredata/doc/sound/voice.wav",
    "usr/share/puredata/doc/sound/voice2.wav",
    "usr/share/sounds/alsa/Front_Center.wav",
    "usr/share/sounds/alsa/Rear_Left.wav",
    f"{_ALLISON}/demo-instruct.g722",
    f"{_ALLISON}/demo-congrats.g722",
)
# sonic-pi-samples
EFFECTS = tuple(
    f"usr/share/sonic-pi/samples/{name}.flac"
    for name in (
        "loop_amen_full",
        "loop_tabla",
        "loop_garzul",
        "loop_mika",
        "drum_roll",
        "perc_bell",
        "guit_em9",
        "bass_voxy_c",
    )
)
AMBIENCE = tuple(
    f"usr/share/sonic-pi/samples/{name}.flac"
    for name in ("ambi_sauna", "vinyl_hiss", "ambi_lunar_land", "loop_3d_printer", "ambi_drone", "ambi_haunted_hum")
)


@dataclass(frozen=True, slots=True)
class Recording:
    """A name, frames (frames, channels), a rate."""

    name: str
    frames: Frames
    rate: int


def load(below: Path, names: tuple[str, ...], longest: float = 120.0) -> list[Recording]:
    """Those of the recordings that are there, their first `longest` seconds."""
    return [_load(below / name, longest) for name in names if (below / name).is_file()]


def _load(path: Path, longest: float) -> Recording:
    if path.suffix == ".g722":
        with av.open(str(path), format="g722") as file:
            blocks: list[NDArray[np.int16]] = [frame.to_ndarray().reshape(-1) for frame in file.decode(audio=0)]
        frames = (np.concatenate(blocks)[: round(longest * 16000), None] / 32768).astype(np.float32)
        return Recording(path.stem, frames, 16000)
    rate = soundfile.info(path).samplerate
    frames, _ = soundfile.read(path, frames=round(longest * rate), dtype="float32", always_2d=True)
    return Recording(path.stem, frames, rate)
