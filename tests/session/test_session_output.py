"""The door to PortAudio: what it refuses, and what it does when the device goes away, on a stand-in for the library."""

import sys
import time
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.errors import DeviceError
from app.session import devices as devices_module
from app.session import output as output_module
from app.session.devices import Devices
from app.session.feed import BLOCK, Feed, Path
from app.session.mixer import Cue, Mixer
from app.session.output import Device, OutputFacts
from app.sound.clip import Clip

RATE = 44100


class PortAudioError(Exception):
    """As the library's own: a text and a number."""


class CallbackAbort(Exception):
    """As the library's own."""


class Stream:
    """An output stream that calls back when the test says so."""

    latency = 0.03
    status: Any = None

    def __init__(self, library: "Library", callback: Any, finished_callback: Any, **options: Any) -> None:
        if library.refuses:
            raise PortAudioError("refused", library.refuses)
        self.library, self.options = library, options
        self.callback, self.finished = callback, finished_callback
        self.open = True
        library.streams.append(self)

    def start(self) -> None:
        if self.library.breaks:
            raise PortAudioError("refused", self.library.breaks)

    def ask(self) -> np.ndarray:
        out = np.ones((BLOCK, self.options["channels"]), np.float32)
        try:
            self.callback(out, BLOCK, None, self.status)
        except CallbackAbort:
            self.finished()
        return out

    def close(self, *, ignore_errors: bool) -> None:
        assert ignore_errors
        self.open = False
        self.finished()


class Library(ModuleType):
    """What `import sounddevice` finds."""

    PortAudioError = PortAudioError
    CallbackAbort = CallbackAbort

    def __init__(self) -> None:
        super().__init__("sounddevice")
        self.refuses = self.breaks = 0
        self.takes: tuple[int, ...] | None = None
        self.names = ["Loudspeakers", "Headphones"]
        self.default = "Loudspeakers"
        self.channels = 2
        self.counted = 0
        self.streams: list[Stream] = []

    def query_hostapis(self) -> list[dict[str, str]]:
        return [{"name": "Sound"}]

    def query_devices(self, name: str | None = None, kind: str = "") -> Any:
        found = [
            {
                "name": each,
                "index": index,
                "hostapi": 0,
                "max_output_channels": 0 if each == "Microphone" else self.channels,
                "default_samplerate": 48000.0,
            }
            for index, each in enumerate(self.names)
        ]
        if not kind:
            return found
        if self.default not in self.names:
            raise PortAudioError("Error querying device -1")
        return found[self.names.index(self.default)]

    def check_output_settings(self, *, device: int, channels: int, dtype: str, samplerate: int) -> None:
        assert device < len(self.names)
        if self.takes is not None and samplerate not in self.takes:
            raise PortAudioError("Invalid sample rate", -9997)

    def OutputStream(self, **options: Any) -> Stream:
        return Stream(self, **options)

    def _terminate(self) -> None:
        assert not any(stream.open for stream in self.streams), "it would pull the rug from under an open stream"

    def _initialize(self) -> None:
        self.counted += 1


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    library = Library()
    monkeypatch.setitem(sys.modules, "sounddevice", library)
    monkeypatch.setattr(output_module, "DEVICES", Devices())
    return library


def test_a_device_plays_what_the_mixer_gives(library: Library) -> None:
    mixer = Mixer()
    clip = Clip.from_frames(np.full((RATE, 6), 0.25, np.float32), RATE)
    device = Device(mixer, RATE, 6)
    assert device.facts == OutputFacts("Loudspeakers", RATE, 2, 0.03), "no more channels than it has"
    feed = Feed((clip, clip), Path(0), device.facts.channels)
    feed.fill()
    mixer.cue = Cue(feed)
    library.streams[0].ask()
    assert np.allclose(library.streams[0].ask(), 0.25, atol=1e-6)
    assert not device.lost
    device.close()


def test_no_device_is_told_apart_from_one_that_refuses(library: Library) -> None:
    library.names.clear()
    with pytest.raises(DeviceError) as told:
        Device(Mixer(), RATE, 2)
    assert "No audio device was found" in told.value.message
    assert "Plug one in" in told.value.hint


@pytest.mark.parametrize(
    ("number", "says"),
    [(-9997, "96000 Hz"), (-9998, "2 channels"), (-9994, "2 channels"), (-9985, "another program"), (-9999, "opened")],
)
@pytest.mark.parametrize("when", ["refuses", "breaks"])
def test_what_a_device_refuses_is_said_and_nobody_is_told_to_plug_one_in(
    library: Library, number: int, says: str, when: str
) -> None:
    setattr(library, when, number)
    with pytest.raises(DeviceError) as told:
        Device(Mixer(), 96000, 2)
    assert says in told.value.message
    assert "nothing is heard" in told.value.message
    assert "Plug" not in str(told.value)
    assert not any(stream.open for stream in library.streams)


def test_without_portaudio_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        """Stands in the way of the import as the library does where PortAudio is missing."""

        def find_spec(self, name: str, *_: object) -> None:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(DeviceError) as told:
        Device(Mixer(), RATE, 2)
    assert "libportaudio2" in told.value.hint


def test_a_retry_sees_what_was_plugged_in_since(library: Library) -> None:
    library.names.clear()
    with pytest.raises(DeviceError):
        Device(Mixer(), RATE, 2)
    assert library.counted == 0
    library.names.append("Loudspeakers")
    Device(Mixer(), RATE, 2).close()
    assert library.counted == 1
    Device(Mixer(), RATE, 2).close()
    assert library.counted == 1, "nothing was wrong, a moment ago: no need to look anew"


def test_a_stream_that_finishes_on_its_own_is_lost(library: Library) -> None:
    device = Device(Mixer(), RATE, 2)
    library.streams[0].finished()
    assert device.lost
    device.close()
    Device(Mixer(), RATE, 2).close()
    assert library.counted == 1


@pytest.mark.logs
def test_a_fault_in_the_callback_is_silence_and_loses_the_device(
    library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    mixer = Mixer()
    device = Device(mixer, RATE, 2)
    clip = Clip.from_frames(np.ones((RATE, 2), np.float32), RATE)
    feed = Feed((clip, clip), Path(0), 3)  # blocks that do not fit the device
    feed.fill()
    mixer.cue = Cue(feed)
    assert not library.streams[0].ask().any()
    assert device.lost
    assert not caplog.records, "the callback itself writes no log"
    device.close()
    assert "the audio callback failed" in caplog.text


# --- which device, at which rate -----------------------------------------------------------------------------------


def test_a_device_that_does_not_take_the_clips_rate_plays_at_its_own(library: Library) -> None:
    library.takes = (48000,)
    device = Device(Mixer(), RATE, 2)
    assert device.facts.rate == 48000
    assert library.streams[0].options["samplerate"] == 48000
    device.close()
    library.takes = (48000, RATE)
    device = Device(Mixer(), RATE, 2)
    assert device.facts.rate == RATE, "nothing is converted without need"
    device.close()


def test_a_device_is_found_by_name_wherever_it_is_in_the_list(library: Library) -> None:
    device = Device(Mixer(), RATE, 2, "Headphones, Sound")
    assert (device.facts.name, library.streams[-1].options["device"]) == ("Headphones", 1)
    device.close()
    library.names.insert(0, "Microphone")
    device = Device(Mixer(), RATE, 2, "Headphones, Sound")
    assert library.streams[-1].options["device"] == 2
    device.close()
    device = Device(Mixer(), RATE, 2, "Headphones, Another system")
    assert device.facts.name == "Headphones", "by its name alone where the system calls itself otherwise now"
    device.close()


def test_the_systems_default_is_followed_at_the_next_opening(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices_module, "_FRESH_SECONDS", 0.0)
    device = Device(Mixer(), RATE, 2)
    assert device.facts.name == "Loudspeakers"
    device.close()
    library.default = "Headphones"
    device = Device(Mixer(), RATE, 2)
    assert library.counted == 2
    assert device.facts.name == "Headphones"
    device.close()


def test_a_chosen_device_that_is_not_there_gives_way_and_says_so(library: Library) -> None:
    library.names.remove("Headphones")
    device = Device(Mixer(), RATE, 2, "Headphones, Sound")
    assert device.facts.name == "Loudspeakers"
    assert device.facts.note == "Headphones is not there, so the system's default plays."
    device.close()


def test_no_count_while_a_stream_is_open(library: Library) -> None:
    device = Device(Mixer(), RATE, 2)
    output_module.DEVICES.look(anew=True)
    assert library.counted == 0
    device.close()
    assert [each.key for each in output_module.DEVICES.look(anew=True)] == ["Loudspeakers, Sound", "Headphones, Sound"]
    assert library.counted == 1


def test_a_device_that_asks_for_nothing_any_more_is_lost(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output_module, "_STALLED_SECONDS", 0.05)
    device = Device(Mixer(), RATE, 2)
    library.streams[0].ask()
    assert not device.lost
    time.sleep(0.1)
    assert device.lost
    device.close()


def test_what_the_device_tells_of_running_dry_is_counted(library: Library) -> None:
    device = Device(Mixer(), RATE, 2)
    library.streams[0].status = SimpleNamespace(output_underflow=True)
    library.streams[0].ask()
    library.streams[0].status = SimpleNamespace(output_underflow=False)
    library.streams[0].ask()
    assert device.underflows == 1
    device.close()
