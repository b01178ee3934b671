"""Presets of real panels, and the words that were asked with, through a session and back from the disk."""

import json
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.endpoints.fields import Json
from app.endpoints.roles import Role
from app.errors import AppError, FieldError
from app.files.presets import load_presets, presets_path
from app.files.settings import Settings
from app.session.asking import Asking
from app.session.messages import Message, Messages, Weight
from app.session.preferences import Preferences
from app.session.prompts import Prompts, Step

FILL = "fal-ai/stable-audio-25/inpaint"
SONG = "fal-ai/ace-step/audio-inpaint"


@pytest.fixture
def asking(qapp: object) -> Asking:
    found = Asking(Preferences(Settings()))
    assert found.choose(FILL)
    return found


@pytest.fixture
def said() -> tuple[Messages, list[Message]]:
    messages, heard = Messages(), list[Message]()
    messages.posted.connect(heard.append)
    return messages, heard


MakePrompts = Callable[[], Prompts]


@pytest.fixture
def make_prompts(asking: Asking, said: tuple[Messages, list[Message]], qtbot: QtBot) -> Iterator[MakePrompts]:
    made: list[Prompts] = []

    def make() -> Prompts:
        prompts = Prompts(asking, said[0])
        made.append(prompts)
        with qtbot.waitSignal(prompts.changed):
            pass
        return prompts

    yield make
    for each in made:
        each.close()


@pytest.fixture
def prompts(make_prompts: MakePrompts) -> Prompts:
    return make_prompts()


def panel(asking: Asking, seed: int | None = None, **values: Json) -> None:
    asking.set_values(values, seed)


def words(messages: list[Message], weight: Weight) -> list[str]:
    return [each.text for each in messages if each.weight is weight]


def test_a_preset_comes_back_after_a_restart(asking: Asking, make_prompts: MakePrompts, qtbot: QtBot) -> None:
    first = make_prompts()
    panel(asking, prompt="glass", guidance_scale=3, num_inference_steps=6)
    first.save_preset("  Warm ")
    assert first.names() == ("Warm",), "at once, not only when the disk has it"
    assert (first.current, first.edited) == ("Warm", False)
    first.close()
    again = make_prompts()
    panel(asking, prompt="wood")
    with qtbot.waitSignal(again.recalled):
        again.recall("Warm")
    assert asking.values["prompt"] == "glass"
    assert (asking.values["guidance_scale"], asking.values["num_inference_steps"]) == (3, 6)
    assert (again.current, again.edited) == ("Warm", False)
    panel(asking, **{**asking.values, "guidance_scale": 4})
    assert again.edited
    again.save_preset(again.current)
    assert not again.edited
    again.close()
    assert load_presets().of(FILL)["Warm"]["guidance_scale"] == 4


def test_presets_belong_to_their_endpoint(asking: Asking, prompts: Prompts, qtbot: QtBot) -> None:
    prompts.save_preset("Warm")
    with qtbot.waitSignal(prompts.changed):
        asking.choose(SONG)
    assert prompts.names() == ()
    assert prompts.current == ""
    asking.choose(FILL)
    assert prompts.names() == ("Warm",)
    assert prompts.current == "Warm"


def test_what_no_longer_fits_is_left_out_and_told_in_one_sentence(
    asking: Asking, prompts: Prompts, said: tuple[Messages, list[Message]]
) -> None:
    panel(asking, prompt="glass", num_inference_steps=100_000, guidance_scale="loud", vanished=3)
    prompts.save_preset("Old")
    panel(asking, prompt="wood")
    prompts.recall("Old")
    assert asking.values["prompt"] == "glass"
    assert "vanished" not in asking.values
    assert asking.values.get("guidance_scale") != "loud"
    (told,) = words(said[1], Weight.WARN)
    assert told.startswith("“Old” was recalled without ")
    assert told.count(".") == 1
    for name in ("steps", "guidance", "vanished"):
        assert name in told.lower()


def test_a_preset_that_fits_says_nothing_and_keeps_the_seed(
    asking: Asking, prompts: Prompts, said: tuple[Messages, list[Message]]
) -> None:
    asking.set_values({"prompt": "glass", "seed": 7}, 7)
    prompts.save_preset("Warm")
    asking.set_values({"prompt": "wood", "seed": 9}, 9)
    prompts.recall("Warm")
    assert (asking.values["prompt"], asking.values["seed"], asking.seed) == ("glass", 9, 9)
    assert said[1] == []
    prompts.close()
    assert "seed" not in load_presets().of(FILL)["Warm"]


def test_a_long_wildcard_prompt_fits_by_what_it_becomes(asking: Asking, prompts: Prompts) -> None:
    short: Json = {"type": "string", "maxLength": 20}
    inputs: Json = {"type": "object", "properties": {"audio_url": {"type": "string"}, "prompt": short}}
    sound: Json = {"type": "object", "properties": {"audio": {"type": "string"}}}
    post: Json = {"requestBody": {"content": {"application/json": {"schema": inputs}}}}
    get: Json = {"responses": {"200": {"content": {"application/json": {"schema": sound}}}}}
    path = "/house/short"
    asking.offer(
        "studio",
        [
            {
                "openapi": "3.0.4",
                "info": {"title": "Short"},
                "paths": {path: {"post": post}, f"{path}/requests/{{request_id}}": {"get": get}},
            }
        ],
    )
    assert asking.choose("house/short")
    for text, fits in (("{a long kick|a long snare}, far", True), ("{a kick|a snare}, far, far away", False)):
        panel(asking, prompt=text)
        prompts.save_preset("Many")
        panel(asking, prompt="")
        prompts.recall("Many")
        assert (asking.values.get("prompt") == text) is fits


def test_rename_delete_and_bring_back(asking: Asking, prompts: Prompts, said: tuple[Messages, list[Message]]) -> None:
    panel(asking, prompt="glass")
    prompts.save_preset("One")
    prompts.rename("One", " First ")
    assert prompts.names() == ("First",)
    assert prompts.current == "First"
    prompts.delete("First")
    assert prompts.names() == ()
    assert prompts.current == ""
    assert words(said[1], Weight.INFO) == ["Deleted the preset “First”."]
    panel(asking, prompt="wood")
    prompts.save_preset("First")
    prompts.undelete()
    assert prompts.names() == ("First", "First again")
    assert prompts.deleted is None
    prompts.recall("First again")
    assert asking.values["prompt"] == "glass"
    prompts.undelete()
    prompts.close()
    assert set(load_presets().of(FILL)) == {"First", "First again"}


def test_names_that_are_none_change_nothing(prompts: Prompts) -> None:
    prompts.save_preset("One")
    for refused in ("", "  ", "x" * 99):
        with pytest.raises(FieldError):
            prompts.save_preset(refused)
        with pytest.raises(FieldError):
            prompts.rename("One", refused)
    assert prompts.names() == ("One",)
    assert prompts.current == "One"


def test_reset_leaves_the_words_and_the_seed(asking: Asking, prompts: Prompts, qtbot: QtBot) -> None:
    asking.set_values({"prompt": "glass", "guidance_scale": 9, "seed": 4}, 4)
    prompts.save_preset("Warm")
    with qtbot.waitSignal(prompts.recalled):
        prompts.reset()
    assert asking.values["prompt"] == "glass"
    assert asking.values["seed"] == 4
    assert asking.values["guidance_scale"] != 9
    assert prompts.current == ""


def test_without_an_endpoint_there_is_nothing_to_save(said: tuple[Messages, list[Message]], qtbot: QtBot) -> None:
    prompts = Prompts(Asking(Preferences(Settings())), said[0])
    with qtbot.waitSignal(prompts.changed):
        pass
    assert prompts.names() == ()
    with pytest.raises(AppError, match="endpoint"):
        prompts.save_preset("x")
    prompts.remember()
    prompts.close()


# -- recent words ------------------------------------------------------------------------------------------------------


def ask(asking: Asking, prompts: Prompts, *texts: str) -> None:
    for text in texts:
        panel(asking, prompt=text)
        prompts.remember()


def test_older_and_newer_with_the_draft_at_the_end(asking: Asking, prompts: Prompts) -> None:
    ask(asking, prompts, "one", "two", "three")
    assert prompts.older(Role.PROMPT, "dra") == Step("three", 1, 3)
    assert prompts.older(Role.PROMPT, "three") == Step("two", 2, 3)
    assert prompts.older(Role.PROMPT, "two") == Step("one", 3, 3)
    assert prompts.older(Role.PROMPT, "one") is None
    assert prompts.newer(Role.PROMPT, "one") == Step("two", 2, 3)
    assert prompts.newer(Role.PROMPT, "two") == Step("three", 1, 3)
    assert prompts.newer(Role.PROMPT, "three") == Step("dra", 0, 3)
    assert prompts.newer(Role.PROMPT, "dra") is None


def test_what_was_edited_on_the_way_is_the_new_draft(asking: Asking, prompts: Prompts) -> None:
    ask(asking, prompts, "one", "two", "three")
    prompts.older(Role.PROMPT, "draft")
    prompts.older(Role.PROMPT, "three")
    assert prompts.older(Role.PROMPT, "two, louder") == Step("three", 1, 3)
    assert prompts.newer(Role.PROMPT, "three") == Step("two, louder", 0, 3)


def test_what_was_just_asked_is_not_met_again(asking: Asking, prompts: Prompts) -> None:
    ask(asking, prompts, "one", "two")
    assert prompts.older(Role.PROMPT, "two") == Step("one", 1, 1)
    assert prompts.newer(Role.PROMPT, "one") == Step("two", 0, 1)


def test_words_are_shared_by_endpoints_and_kept_apart_by_role(asking: Asking, prompts: Prompts) -> None:
    ask(asking, prompts, "a hit", "a hit", "  ")
    asking.choose(SONG)
    panel(asking, tags="pop, loud", lyrics="[verse]\nla")
    prompts.remember()
    assert prompts.older(Role.PROMPT, "") == Step("a hit", 1, 1)
    assert prompts.older(Role.TAGS, "") == Step("pop, loud", 1, 1)
    assert prompts.older(Role.LYRICS, "") == Step("[verse]\nla", 1, 1)
    prompts.close()
    assert load_presets().recent == {"prompt": ("a hit",), "tags": ("pop, loud",), "lyrics": ("[verse]\nla",)}


def test_recalling_loses_no_words(asking: Asking, prompts: Prompts) -> None:
    panel(asking, prompt="glass")
    prompts.save_preset("Warm")
    panel(asking, prompt="typed for ten minutes")
    prompts.recall("Warm")
    assert prompts.older(Role.PROMPT, "glass") == Step("typed for ten minutes", 1, 1)


# -- the disk ----------------------------------------------------------------------------------------------------------


def test_a_damaged_file_is_told_once(make_prompts: MakePrompts, said: tuple[Messages, list[Message]]) -> None:
    presets_path().parent.mkdir(parents=True, exist_ok=True)
    presets_path().write_text("{", "utf-8")
    prompts = make_prompts()
    assert len(words(said[1], Weight.WARN)) == 1
    prompts.save_preset("One")
    prompts.close()
    assert "One" in json.loads(presets_path().read_text("utf-8"))["presets"][FILL]


def test_a_disk_that_refuses_is_told_and_the_truth_is_shown(
    prompts: Prompts, said: tuple[Messages, list[Message]], qtbot: QtBot
) -> None:
    presets_path().mkdir(parents=True)
    prompts.save_preset("One")
    qtbot.waitUntil(lambda: bool(words(said[1], Weight.ERROR)))
    assert "presets.json could not be written" in words(said[1], Weight.ERROR)[0]
    qtbot.waitUntil(lambda: prompts.names() == ())
