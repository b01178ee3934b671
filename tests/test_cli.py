"""The commands without a window, run as a user runs them: real processes, real files, the real engine."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from commands import ROOT, command, left_behind, marked, retake
from engine_fixture import start_engine
from sounds import make_music

from app import __version__, cli
from app.errors import AppError
from app.files.audio import decode_file
from app.session.engine_process import EngineProcess
from app.session.errand import Errand, run_errand

RATE = 44100
Told = Callable[..., "subprocess.CompletedProcess[str]"]
Compared = Callable[[Path, Path], dict[str, Any]]


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds of 16-bit stereo that no test may change."""
    path = tmp_path_factory.mktemp("song") / "song.wav"
    soundfile.write(path, make_music(5).read(), RATE, subtype="PCM_16")
    return path


@pytest.fixture(autouse=True)
def original(song: Path) -> Iterator[None]:
    """Whatever is asked, the source stays as it is."""
    before = song.read_bytes()
    yield
    assert song.read_bytes() == before


@pytest.fixture
def host(engine: EngineProcess, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an engine that runs already; its key is in the environment."""
    assert engine.connection.key is not None
    monkeypatch.setenv("RETAKE_KEY", engine.connection.key.reveal())
    return engine.connection.queue_url


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Told:
    """`retake` with these arguments, as its process runs it but for the process: a second saved at each."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
        capsys.readouterr()
        try:
            code = cli.run([str(each) for each in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, out, err)

    return run


@pytest.fixture
def regenerate(ask: Told, host: str, song: Path) -> Told:
    """`retake regenerate` of 2.0–3.2 s on that engine, with whatever else is given."""

    def run(output: Path, *options: object, source: Path | None = None) -> "subprocess.CompletedProcess[str]":
        mask = () if "--start" in options else ("--start", 2.0, "--end", 3.2)
        where = () if "--connection" in options else ("--connection", host)
        return ask("regenerate", source or song, *mask, *where, "-o", output, *options)

    return run


@pytest.fixture
def compared(ask: Told) -> Compared:
    """What `retake compare --json` says."""

    def run(a: Path, b: Path) -> dict[str, Any]:
        told = ask("compare", a, b, "--json")
        assert (told.returncode, told.stderr) == (0, "")
        return json.loads(told.stdout)

    return run


def one_line(told: "subprocess.CompletedProcess[str]") -> str:
    """The one line that a command which failed has said, less its own name."""
    assert told.returncode == 1, told
    assert told.stdout == ""
    (line,) = told.stderr.splitlines()
    assert line.startswith("retake: ")
    return line.removeprefix("retake: ")


# -- regenerate --------------------------------------------------------------------------------------------------------


def test_a_part_is_remade_by_an_engine_that_comes_and_goes(
    compared: Compared, song: Path, tmp_path: Path, home: Path
) -> None:
    out, env = tmp_path / "out.wav", marked()
    told = subprocess.run(
        command("regenerate", song, "--start", 2, "--end", 3.2, "-o", out),
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith(f"{out}  seed ")
    found = compared(song, out)
    assert found["frames"] == [5 * RATE, 5 * RATE]
    assert 2 * RATE <= found["first"] < found["last"] < round(3.2 * RATE)
    assert found["differing_frames"] > RATE
    assert left_behind(env) == []
    assert list((home / "data" / "inbox").iterdir()) == [], "what came back is in the file; nothing else is kept"
    assert [path.name for path in tmp_path.iterdir()] == ["out.wav"]


@pytest.mark.parametrize(
    ("suffix", "subtype", "channels"),
    [("wav", "PCM_16", 1), ("flac", "PCM_24", 2), ("wav", "FLOAT", 2), ("aiff", "PCM_24", 1)],
)
def test_outside_the_mask_nothing_changes_and_the_depth_stays(
    regenerate: Told, compared: Compared, tmp_path: Path, suffix: str, subtype: str, channels: int
) -> None:
    source, out = tmp_path / "source.wav", tmp_path / f"out.{suffix}"
    soundfile.write(source, make_music(5, 48000, channels).read(), 48000, subtype=subtype)
    told = regenerate(out, source=source)
    assert told.returncode == 0, told.stderr
    assert soundfile.info(out).format == suffix.upper()
    assert soundfile.info(out).subtype == subtype
    found = compared(source, out)
    assert found["frames"] == [5 * 48000, 5 * 48000]
    assert 2 * 48000 <= found["first"] <= found["last"] < round(3.2 * 48000)


@pytest.mark.parametrize(("suffix", "format"), [("mp3", "MP3"), ("ogg", "OGG")])
def test_lossy_formats_are_written_too(regenerate: Told, tmp_path: Path, suffix: str, format: str) -> None:
    told = regenerate(tmp_path / f"out.{suffix}")
    assert told.returncode == 0, told.stderr
    info = soundfile.info(tmp_path / f"out.{suffix}")
    assert (info.format, info.samplerate, info.channels) == (format, RATE, 2)
    assert info.duration == pytest.approx(5, abs=0.1)


def test_the_same_command_makes_the_same_takes_each_with_its_own_seed(regenerate: Told, tmp_path: Path) -> None:
    takes: list[list[dict[str, Any]]] = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        told = regenerate(folder / "out.wav", "--takes", 3, "--seed", 7, "--json")
        assert (told.returncode, told.stderr) == (0, ""), "--json speaks at the end only"
        takes.append(json.loads(told.stdout))
        assert sorted(path.name for path in folder.iterdir()) == ["out-1.wav", "out-2.wav", "out-3.wav"]
    for one, two in zip(*takes, strict=True):
        assert one["seed"] == two["seed"]
        assert one["endpoint"] == "retake/inpaint"
        assert one["elapsed_seconds"] > 0
        assert Path(one["path"]).read_bytes() == Path(two["path"]).read_bytes()
    assert [Path(each["path"]).name for each in takes[0]] == ["out-1.wav", "out-2.wav", "out-3.wav"]
    assert takes[0][0]["seed"] == 7
    assert len({each["seed"] for each in takes[0]}) == 3
    assert len({Path(each["path"]).read_bytes() for each in takes[0]}) > 1, "seeds make a difference"


def test_other_fields_are_set_by_name_as_text_or_json(regenerate: Told, tmp_path: Path) -> None:
    made: list[bytes] = []
    for number, method in enumerate(("repair", '"repair"', "fill")):
        out = tmp_path / f"{number}.wav"
        short = ("--start", 2, "--end", 2.02)
        told = regenerate(out, *short, "--set", f"method={method}", "--set", "seed=5", "--json")
        assert told.returncode == 0, told.stderr
        assert json.loads(told.stdout)[0]["seed"] == 5
        made.append(out.read_bytes())
    assert made[0] == made[1]
    assert made[0] != made[2]


def test_a_name_that_the_terminal_cannot_say_is_no_obstacle(host: str, song: Path, tmp_path: Path) -> None:
    out = tmp_path / "ünï – 音.wav"
    options = ("--start", 2, "--end", 3, "--connection", host, "-o", out)
    told = retake("regenerate", song, *options, env={"PYTHONIOENCODING": "ascii"})
    assert told.returncode == 0, told.stderr
    assert out.exists()
    assert "\\xfcn\\xef" in told.stdout


# -- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--start", 2, "--end", 2), "The mask is empty."),
        (("--start", 3, "--end", 2), "The mask would end at 2 s, before it starts at 3 s."),
        (("--start", 9, "--end", 10), "The mask does not touch the clip, which has 5 s."),
        (("--start", -2, "--end", -1), "The mask does not touch the clip, which has 5 s."),
        (("--start", 1), "A mask has a start and an end."),
        (("--seconds", 0), "A sound cannot last 0 s."),
        (("--attach", "x"), "--attach takes NAME=FILE, not 'x'."),
        (("--attach", "x=none.zip"), "There is no file none.zip for x."),
        (("--endpoint", "retake/extend"), "Extend from the clip itself only goes on where the clip ends or begins."),
        (("--start", "nan", "--end", 2), "nan is no time in a clip."),
        (("--start", 1, "--end", "inf"), "inf is no time in a clip."),
        (("--takes", 0), "0 takes cannot be made."),
        (("--prompt", "rain"), "retake/inpaint takes no prompt"),
        (("--set", "sed=3"), "Did you mean seed?"),
        (("--set", "seed"), "--set takes NAME=VALUE, not 'seed'."),
        (("--set", "variety=loud"), "Variety must be a number."),
        (("--set", "variety=7"), "Variety must be at most 1."),
        (("--set", "method=magic"), "Method must be one of "),
        (("--endpoint", "retake/nothing"), "There is no endpoint retake/nothing on "),
        (("--connection", "nowhere"), "There is no connection called nowhere."),
        (("--connection", "fal"), "fal.ai needs a key, and none is set."),
        (("--connection", "http://127.0.0.1:9"), "cannot be reached"),
        (("--connection", "http://example.com"), "Without https, the key and your sound could be read on the way."),
    ],
)
def test_a_bad_wish_is_one_line(
    regenerate: Told, tmp_path: Path, home: Path, options: tuple[object, ...], says: str
) -> None:
    assert says in one_line(regenerate(tmp_path / "out.wav", *options))
    assert list(tmp_path.iterdir()) == []
    inbox = home / "data" / "inbox"
    assert not inbox.exists() or not list(inbox.iterdir())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "source.wav does not exist."),
        (b"", "source.wav is empty."),
        (b"this is no sound", "source.wav is not a sound file"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "looks like WAV, but no sound in it could be read."),
    ],
)
def test_a_source_that_is_no_sound_is_one_line(
    regenerate: Told, tmp_path: Path, content: bytes | None, says: str
) -> None:
    source = tmp_path / "source.wav"
    if content is not None:
        source.write_bytes(content)
    assert says in one_line(regenerate(tmp_path / "out.wav", source=source))
    assert not (tmp_path / "out.wav").exists()


def test_a_place_that_cannot_be_written_is_one_line_before_anything_is_asked(
    regenerate: Told, song: Path, tmp_path: Path
) -> None:
    (tmp_path / "folder.wav").mkdir()
    soundfile.write(tmp_path / "six.wav", make_music(4, channels=6).read(), RATE)
    says = {
        tmp_path / "nowhere" / "out.wav": "does not exist.",
        tmp_path / "out.xyz": "Retake cannot write .xyz.",
        tmp_path / "out": "Retake cannot write a file without a suffix.",
        tmp_path / "folder.wav": "there is a folder of that name.",
        tmp_path / f"{'long' * 80}.wav": "its name is too long.",
    }
    for output, words in says.items():
        # Nobody listens at this connection: it is never come to.
        assert words in one_line(regenerate(output, "--connection", "http://127.0.0.1:9")), output
    told = regenerate(tmp_path / "six.mp3", "--connection", "http://127.0.0.1:9", source=tmp_path / "six.wav")
    assert one_line(told).startswith("six.mp3 was not written: MP3 holds two channels, the sound has 6.")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.wav", "six.wav"]


def test_a_folder_without_permission_is_one_line(regenerate: Told, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # A superuser may write everywhere but there; a bare root folder may have one of the two only.
        folder = Path("/sys") if os.path.ismount("/sys") else Path("/proc/self/fdinfo")
    assert "out.wav could not be written: " in one_line(regenerate(folder / "out.wav"))


@pytest.mark.parametrize("by", ["its name", "a link"])
def test_the_source_is_never_written_to(regenerate: Told, song: Path, tmp_path: Path, by: str) -> None:
    target = song
    if by == "a link":
        target = tmp_path / "link.wav"
        target.symlink_to(song)
    assert one_line(regenerate(target)).startswith(f"{target.name} is the original, and originals are never written to")
    assert target.samefile(song)


def test_the_source_is_not_written_to_by_one_of_several_takes(regenerate: Told, song: Path) -> None:
    copy = song.with_name("part-2.wav")
    shutil.copy(song, copy)
    told = regenerate(song.with_name("part.wav"), "--takes", 3, source=copy)
    assert one_line(told).startswith("part-2.wav is the original")
    assert copy.read_bytes() == song.read_bytes()


def test_a_wrong_key_is_one_line_that_does_not_tell_it(
    regenerate: Told, host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETAKE_KEY", "canary-key")
    line = one_line(regenerate(tmp_path / "out.wav"))
    assert "key" in line
    assert "canary" not in line


def test_a_home_that_cannot_be_used_is_one_line(song: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    options = ("--start", 1, "--end", 2, "-o", tmp_path / "out.wav")
    told = retake("regenerate", song, *options, env={"RETAKE_HOME": str(blocked / "home")})
    assert one_line(told).startswith("The offline engine cannot be started: not a directory.")


@pytest.mark.parametrize(
    "arguments",
    [
        ("regenerate",),
        ("regenerate", "a.wav", "--start", "soon", "--end", "2", "-o", "b.wav"),
        ("regenerate", "a.wav", "--start", "1", "--end", "2"),
        ("compare", "a.wav"),
        ("endpoints", "--nonsense"),
    ],
)
def test_misuse_shows_the_usage_and_ends_with_two(ask: Told, arguments: tuple[str, ...]) -> None:
    told = ask(*arguments)
    assert told.returncode == 2
    assert told.stdout == ""
    assert told.stderr.startswith("usage: retake")


# -- when something happens meanwhile ----------------------------------------------------------------------------------


def errand(song: Path, host: str, output: Path, takes: int = 1) -> Errand:
    return Errand(source=song, start=2.0, end=3.2, output=output, connection=host, takes=takes)


def test_what_came_back_is_kept_where_it_can_no_longer_be_written(
    song: Path, host: str, tmp_path: Path, home: Path
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()

    def say(line: str) -> None:
        if line.endswith("queued"):
            folder.rmdir()

    with pytest.raises(AppError) as caught:
        run_errand(errand(song, host, folder / "out.wav"), say)
    (kept,) = (home / "data" / "inbox").iterdir()
    assert str(caught.value).startswith("out.wav could not be written: its folder does not exist.")
    assert f"What came back is kept in {kept}." in str(caught.value)
    sounds = [each for each in kept.iterdir() if each.suffix == ".bin"]
    assert decode_file(sounds[0]).length == 5 * RATE


def test_takes_that_were_made_are_told_when_another_fails(song: Path, host: str, tmp_path: Path) -> None:
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if line == "out-2.wav: queued":
            (tmp_path / "out-2.wav").mkdir()

    with pytest.raises(AppError, match="there is a folder of that name"):
        run_errand(errand(song, host, tmp_path / "out.wav", takes=2), say)
    assert said[-1].startswith(f"{tmp_path / 'out-1.wav'}  seed ")
    assert decode_file(tmp_path / "out-1.wav").length == 5 * RATE


def interrupted(env: dict[str, str], until: str, *arguments: object) -> tuple[int, str, float]:
    """Ctrl-C as soon as a command says so; its exit code, what it said from then on, and how long that took."""
    process = subprocess.Popen(
        command(*arguments), cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stderr is not None
        for line in process.stderr:
            if until in line:
                break
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    return process.returncode, rest, time.monotonic() - began


@pytest.mark.parametrize("until", ["uploading", "started"])
def test_an_interrupt_ends_at_once_and_leaves_nothing(song: Path, tmp_path: Path, home: Path, until: str) -> None:
    env = marked()
    options = ("--start", 1, "--end", 4, "--takes", 8, "-o", tmp_path / "out.wav")
    code, rest, took = interrupted(env, until, "regenerate", song, *options)
    assert code == 1
    assert rest.splitlines()[-1] == "retake: stopped."
    assert "Traceback" not in rest
    assert took < 5
    assert left_behind(env) == []
    assert not [path for path in tmp_path.iterdir() if path.suffix != ".wav"], "nothing that is half written"
    assert list((home / "data" / "inbox").iterdir()) == []


def test_an_interrupt_stops_the_job_at_its_host_too(song: Path, tmp_path: Path) -> None:
    with start_engine(tmp_path, workers=1, test_endpoints=True) as engine:
        env = {**marked(), "RETAKE_KEY": engine.key}
        sleep = ("--endpoint", "retake/test-sleep", "--set", "seconds=60")
        options = ("--start", 1, "--end", 2, "-o", tmp_path / "out.wav", "--connection", engine.url, *sleep)
        code, rest, took = interrupted(env, "queued", "regenerate", song, *options)
        assert code == 1
        assert rest.splitlines()[-2:] == ["stopping …", "retake: stopped."]
        assert took < 5
        with httpx.Client(headers=engine.headers) as http:  # the only worker is free again
            job = http.post(f"{engine.url}/retake/test-sleep", json={"seconds": 0}).json()
            deadline = time.monotonic() + 10
            while http.get(job["status_url"]).json()["status"] != "COMPLETED":
                assert time.monotonic() < deadline
                time.sleep(0.05)


def test_a_reader_that_has_had_enough_is_no_fault() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as out:
        told = subprocess.run(
            command("endpoints", "--connection", "fal"),
            cwd=ROOT,
            env=marked(),
            stdout=out,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert (told.returncode, told.stderr) == (1, b"")


# -- endpoints, compare, engine ----------------------------------------------------------------------------------------


def test_a_clip_goes_on_beyond_its_end(ask: Told, host: str, song: Path, compared: Compared, tmp_path: Path) -> None:
    longer = tmp_path / "longer.wav"
    told = ask("regenerate", song, "--connection", host, "--endpoint", "retake/extend", "--seconds", 2, "-o", longer)
    assert told.returncode == 0, told.stderr
    found = compared(song, longer)
    assert found["frames"] == [5 * 44100, 7 * 44100]
    assert found["differing_frames"] == 0, "what was there is as it was"


def test_a_mask_beyond_the_end_is_filled(regenerate: Told, song: Path, compared: Compared, tmp_path: Path) -> None:
    told = regenerate(tmp_path / "longer.wav", "--start", 4.0, "--end", 6.5)
    assert told.returncode == 0, told.stderr
    found = compared(song, tmp_path / "longer.wav")
    assert found["frames"] == [5 * 44100, round(6.5 * 44100)]
    assert found["first"] >= 4 * 44100


def test_a_clip_is_varied_whole_without_a_mask(ask: Told, host: str, song: Path, tmp_path: Path) -> None:
    varied = tmp_path / "varied.wav"
    told = ask("regenerate", song, "--connection", host, "--endpoint", "retake/vary", "-o", varied)
    assert told.returncode == 0, told.stderr
    assert soundfile.info(varied).frames == 5 * 44100


def test_endpoints_are_listed(ask: Told, host: str) -> None:
    lines = ask("endpoints", "--connection", "fal").stdout.splitlines()
    assert any(line.startswith("fal-ai/stable-audio-3/small/sfx/audio-inpainting ") for line in lines)
    found = json.loads(ask("endpoints", "--connection", host, "--json").stdout)
    offered = {each["id"]: each["kind"] for each in found}
    assert offered["retake/inpaint"] == "fill"
    assert all(each.startswith("retake/") for each in offered)


def test_the_bundled_engine_is_listed_among_all() -> None:
    env = marked()
    told = subprocess.run(
        command("endpoints", "--json"), cwd=ROOT, env=env, capture_output=True, timeout=60, check=False
    )
    ids = {each["id"] for each in json.loads(told.stdout)}
    assert {"retake/inpaint", "fal-ai/stable-audio-3/small/sfx/audio-inpainting"} <= ids
    assert left_behind(env) == []


def test_an_endpoints_fields_are_told(ask: Told, host: str) -> None:
    text = ask("endpoints", "retake/inpaint", "--connection", host).stdout
    assert text.startswith("retake/inpaint: Inpaint from the clip itself\n")
    assert any(line.split()[:4] == ["*", "audio_url", "file", "[source]"] for line in text.splitlines())
    told = json.loads(ask("endpoints", "retake/inpaint", "--connection", host, "--json").stdout)
    fields = {each["name"]: each for each in told["fields"]}
    assert fields["mask_start_seconds"]["role"] == "mask_start"
    assert fields["audio_url"]["required"] is True
    assert fields["seed"]["required"] is False
    assert fields["method"]["type"] == "choice"


def test_an_endpoint_that_is_not_there_is_one_line(ask: Told) -> None:
    line = one_line(ask("endpoints", "no/such", "--connection", "fal"))
    assert line.startswith("There is no endpoint no/such.")


def test_files_that_are_equal_are_called_equal(ask: Told, compared: Compared, song: Path, tmp_path: Path) -> None:
    flac = tmp_path / "song.flac"
    soundfile.write(flac, soundfile.read(song, dtype="int16")[0], RATE, subtype="PCM_16")
    found = compared(song, flac)
    assert found["equal"] is True
    assert found["first"] is found["last"] is found["difference_db"] is None
    assert found["loudness"][0] == found["loudness"][1]
    assert ask("compare", song, flac).stdout.startswith("equal ")


def test_where_files_differ_is_told_to_the_frame(ask: Told, compared: Compared, song: Path, tmp_path: Path) -> None:
    frames = soundfile.read(song, dtype="int16")[0]
    frames[[1000, 1001, 5000], 1] ^= 0x1000
    other = tmp_path / "other.wav"
    soundfile.write(other, frames[: 4 * RATE], RATE, subtype="PCM_16")
    found = compared(song, other)
    assert found["equal"] is False
    assert (found["first"], found["last"], found["differing_frames"]) == (1000, 5000, 3)
    assert found["frames"] == [5 * RATE, 4 * RATE]
    assert found["difference_peak_db"] == pytest.approx(20 * np.log10(0x1000 / 0x8000), abs=0.01)
    told = ask("compare", song, other)
    assert told.returncode == 0, "to differ is an answer, not a failure"
    assert "frames 1000–5000" in told.stdout
    assert f"{5 * RATE} and {4 * RATE} frames" in told.stdout


@pytest.mark.parametrize("what", ["missing", "text", "another rate", "mono"])
def test_what_cannot_be_compared_is_one_line(ask: Told, song: Path, tmp_path: Path, what: str) -> None:
    other = tmp_path / "other.wav"
    if what == "text":
        other.write_text("this is not sound")
    elif what != "missing":
        rate, channels = (48000, 2) if what == "another rate" else (RATE, 1)
        soundfile.write(other, make_music(1, rate, channels).read(), rate)
    words = {"missing": "does not exist", "text": "is not a sound file"}
    assert words.get(what, "cannot be compared frame by frame") in one_line(ask("compare", song, other))


def test_help_and_version_need_nothing(ask: Told) -> None:
    assert retake("--version").stdout == f"retake {__version__}\n"
    assert "regenerate" in ask("--help").stdout
    told = ask("engine", "--help")
    assert told.returncode == 0
    for option in ("--host", "--port", "--key-file"):
        assert option in told.stdout


@pytest.mark.parametrize(
    ("options", "says"),
    [(("--host", "0.0.0.0"), "a key is needed"), (("--key-file", "no-such-file"), "cannot be read")],
)
def test_an_engine_that_cannot_be_is_one_line(options: tuple[str, ...], says: str) -> None:
    assert says in one_line(retake("engine", *options))
