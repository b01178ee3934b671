"""Presets and recent words on the disk: what comes back, what a damaged file costs, and two windows at once."""

import json
import os
import threading
from pathlib import Path

import pytest

from app.endpoints.fields import Json
from app.errors import FieldError, UnwritableFile
from app.files.presets import RECENT, Presets, change_presets, checked_name, load_presets, presets_path

VALUES: dict[str, Json] = {"prompt": "glass é 🥁", "steps": 8, "scale": 1.0, "on": True, "none": None, "l": [{"a": []}]}


def put(text: str) -> Path:
    path = presets_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_without_a_file_there_is_nothing_and_nothing_is_said() -> None:
    assert load_presets() == Presets()
    assert not presets_path().exists()


def test_what_is_saved_comes_back_with_its_types() -> None:
    change_presets(lambda now: now.with_preset("fal-ai/x", "Warm", VALUES))
    change_presets(lambda now: now.with_preset("fal-ai/x", "Cold", {}))
    change_presets(lambda now: now.with_preset("house/y", "Warm", {"n": 1}))
    found = load_presets()
    assert list(found.of("fal-ai/x")) == ["Warm", "Cold"]
    assert repr(found.of("fal-ai/x")["Warm"]) == repr(VALUES), "1.0 stays 1.0"
    assert found.of("house/y") == {"Warm": {"n": 1}}
    assert found.of("elsewhere") == {}
    assert found.notes == ()


def test_update_rename_and_delete_touch_nothing_else() -> None:
    for name in ("One", "Two", "Three"):
        change_presets(lambda now, name=name: now.with_preset("e", name, {"n": name}))
    change_presets(lambda now: now.with_preset("e", "Two", {"n": "anew"}))
    change_presets(lambda now: now.renamed("e", "One", "First"))
    assert load_presets().of("e") == {"First": {"n": "One"}, "Two": {"n": "anew"}, "Three": {"n": "Three"}}
    assert list(load_presets().of("e")) == ["First", "Two", "Three"]
    change_presets(lambda now: now.renamed("e", "First", "Three"))
    assert load_presets().of("e") == {"Three": {"n": "One"}, "Two": {"n": "anew"}}
    change_presets(lambda now: now.without("e", "Three").without("e", "never there"))
    change_presets(lambda now: now.without("e", "Two"))
    assert load_presets() == Presets()


@pytest.mark.parametrize(("typed", "kept"), [("  a \n b ", "a b"), ("ä\x00b\u202e", "ä b"), ("x" * 80, "x" * 80)])
def test_names_are_one_line(typed: str, kept: str) -> None:
    assert checked_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "  ", "\n", "x" * 81])
def test_names_that_are_none_are_refused_in_a_sentence(typed: str) -> None:
    with pytest.raises(FieldError, match="name"):
        Presets().with_preset("e", typed, {})


def test_recent_texts_are_distinct_newest_first_and_no_more_than_fifty() -> None:
    now = Presets()
    for number in range(RECENT + 5):
        now = now.with_text("prompt", f" hit {number} ")
    now = now.with_text("prompt", "hit 30").with_text("tags", "pop").with_text("prompt", "  \n")
    now = now.with_text("prompt", "y" * 20_001)
    assert now.texts("prompt")[:3] == ("hit 30", f"hit {RECENT + 4}", f"hit {RECENT + 3}")
    assert len(now.texts("prompt")) == len(set(now.texts("prompt"))) == RECENT
    assert now.texts("tags") == ("pop",)
    change_presets(lambda _: now)
    assert load_presets() == now


def test_half_a_letter_in_a_text_does_not_damage_the_file() -> None:
    change_presets(lambda now: now.with_text("prompt", "a\ud800b"))
    assert load_presets().texts("prompt") == ("a?b",)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\x00", '{"presets": NaN}', "[" * 100_000, '{"presets": []}'])
def test_a_damaged_file_is_set_aside_and_said_once(text: str) -> None:
    path = put(text)
    (note,) = load_presets().notes
    assert "presets-damaged.json" in note
    assert path.with_name("presets-damaged.json").read_text("utf-8") == text
    assert load_presets().notes == ()
    change_presets(lambda now: now.with_preset("e", "One", {"n": 1}))
    assert load_presets().of("e") == {"One": {"n": 1}}


def test_what_fits_in_a_damaged_file_is_kept_for_good() -> None:
    put(
        json.dumps(
            {
                "presets": {"e": {"Good": {"n": 1}, "Bad": 3, "": {}}, "f": "x"},
                "recent": {"prompt": ["a", 7, "a", "", "b"], "tags": 5},
            }
        )
    )
    found = load_presets()
    assert found.of("e") == {"Good": {"n": 1}}
    assert found.texts("prompt") == ("a", "b")
    assert len(found.notes) == 1
    again = change_presets(lambda now: now.with_text("prompt", "c"))
    assert again.of("e") == {"Good": {"n": 1}}, "it is on the disk again, not only in one window's memory"
    assert again.texts("prompt") == ("c", "a", "b")


def test_two_windows_keep_each_others_presets() -> None:
    ours = load_presets()
    change_presets(lambda now: now.with_preset("e", "Theirs", {"n": 2}))
    assert ours.of("e") == {}
    assert set(change_presets(lambda now: now.with_preset("e", "Ours", {"n": 1})).of("e")) == {"Theirs", "Ours"}


def test_a_disk_that_refuses_leaves_what_was_there() -> None:
    change_presets(lambda now: now.with_preset("e", "One", {"n": 1}))
    blocked = presets_path().parent
    before = presets_path().read_bytes()
    if os.name == "nt" or os.geteuid() == 0:  # nobody is refused anything there: a folder stands in the way instead
        presets_path().unlink()
        presets_path().mkdir()
        with pytest.raises(UnwritableFile):
            change_presets(lambda now: now.with_preset("e", "Two", {}))
        assert "could not be read" in load_presets().notes[0]
        return
    blocked.chmod(0o500)
    try:
        with pytest.raises(UnwritableFile):
            change_presets(lambda now: now.with_preset("e", "Two", {}))
    finally:
        blocked.chmod(0o700)
    assert presets_path().read_bytes() == before


def test_readers_never_see_half_a_file() -> None:
    long: dict[str, Json] = {"prompt": "x" * 20_000}
    change_presets(lambda now: now.with_preset("e", "0", long))
    stop = threading.Event()
    seen: list[Presets] = []

    def read() -> None:
        while not stop.is_set():
            seen.append(load_presets())

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 30):
        change_presets(lambda now, number=number: now.with_preset("e", str(number), long))
    stop.set()
    reader.join()
    assert seen
    assert all("0" in each.of("e") and not each.notes for each in seen)
