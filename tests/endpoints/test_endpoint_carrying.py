"""What goes along from one endpoint's panel to another's: the user's words and choices, never the other's defaults."""

import pytest

from app.endpoints.binding import check, defaults
from app.endpoints.carrying import carried, carried_files
from app.endpoints.catalogue import Endpoint, bundled
from app.endpoints.fields import ArrayField, BooleanField, ChoiceField, FileField, NumberField, ObjectField, TextField
from app.endpoints.request import Kind
from app.endpoints.roles import find_roles


def endpoint(*fields, name="a/b") -> Endpoint:
    return Endpoint(
        id=name, title=name, description="", kind=Kind.VARY, fields=fields, roles=find_roles(fields), outputs=()
    )


OLD = endpoint(
    FileField(name="audio_url", required=True, media="audio"),
    TextField(name="prompt", required=True),
    TextField(name="negative_prompt", default=""),
    NumberField(name="strength", minimum=0, maximum=1, default=0.8),
    NumberField(name="seed", integer=True, nullable=True),
    NumberField(name="num_inference_steps", integer=True, minimum=1, maximum=100, default=8),
    ChoiceField(name="output_format", choices=("mp3", "wav", "flac"), default="mp3"),
    BooleanField(name="enable_safety_checker", default=True),
)
NEW = endpoint(
    FileField(name="audio_url", required=True, media="audio"),
    TextField(name="text_prompt", required=True),
    TextField(name="negative_prompt", default=""),
    NumberField(name="init_noise_level", minimum=0.1, maximum=1, default=0.9),
    NumberField(name="seed", integer=True, nullable=True),
    NumberField(name="num_inference_steps", integer=True, minimum=1, maximum=100, default=50),
    ObjectField(
        name="audio_setting",
        fields=(ChoiceField(name="format", choices=("mp3", "wav"), default="mp3"), TextField(name="bitrate")),
    ),
    BooleanField(name="enable_safety_checker", default=False),
)


def test_words_strength_and_a_kept_seed_go_along_under_their_new_names():
    values = {**defaults(OLD), "prompt": "rain", "negative_prompt": "hiss", "strength": 0.3, "seed": 7}
    assert carried(OLD, values, NEW) == {
        "text_prompt": "rain",
        "negative_prompt": "hiss",
        "init_noise_level": 0.3,
        "seed": 7,
    }


def test_what_nobody_touched_stays_behind():
    values = {**defaults(OLD), "prompt": "rain"}
    assert values["num_inference_steps"] == 8
    assert carried(OLD, values, NEW) == {"text_prompt": "rain"}


def test_what_was_chosen_goes_along_by_name_and_into_objects():
    values = {**defaults(OLD), "prompt": "a", "num_inference_steps": 20, "output_format": "mp3"}
    found = carried(OLD, values, NEW)
    assert found["num_inference_steps"] == 20
    assert found["audio_setting"] == {"format": "mp3"}  # the old panel preferred wav: mp3 was somebody's choice
    assert check(NEW, found) == ()


def test_what_does_not_fit_stays_behind():
    values = {"prompt": "a", "strength": 0.05, "output_format": "flac", "num_inference_steps": 20}
    assert carried(OLD, values, NEW) == {"text_prompt": "a", "num_inference_steps": 20}


@pytest.mark.parametrize("value", [True, "20", None, [20]])
def test_a_value_of_another_kind_is_not_taken(value):
    assert "num_inference_steps" not in carried(OLD, {"num_inference_steps": value}, NEW)


def test_the_same_name_of_another_kind_is_another_field():
    old = endpoint(TextField(name="prompt"), TextField(name="mode"), TextField(name="detail", default="low"))
    new = endpoint(TextField(name="prompt"), BooleanField(name="mode"), TextField(name="detail", default="high"))
    assert carried(old, {"prompt": "x", "mode": "fast", "detail": "low"}, new) == {"prompt": "x"}


def test_a_prompt_becomes_tags_where_there_are_only_tags_and_back():
    tags = endpoint(ArrayField(name="tags", item=TextField(name="tags"), required=True), TextField(name="lyrics"))
    prompt = endpoint(TextField(name="prompt", required=True))
    both = endpoint(TextField(name="prompt"), TextField(name="tags"))
    assert carried(prompt, {"prompt": "lofi, rain"}, tags) == {"tags": ["lofi", "rain"]}
    assert carried(tags, {"tags": ["lofi", "rain"], "lyrics": "la"}, prompt) == {"prompt": "lofi, rain"}
    assert carried(both, {"prompt": "a storm", "tags": "rock"}, prompt) == {"prompt": "a storm"}
    assert carried(prompt, {"prompt": "a storm"}, both) == {"prompt": "a storm"}


def test_what_the_waveform_fills_is_never_carried():
    old = endpoint(FileField(name="audio_url", media="audio"), NumberField(name="duration"), TextField(name="prompt"))
    assert carried(old, {"duration": 30, "audio_url": "https://x.org/a.wav", "prompt": "a"}, old) == {"prompt": "a"}


def test_files_go_along_to_fields_of_the_same_kind():
    old = endpoint(
        FileField(name="data_url", media="archive"),
        ArrayField(name="reference_urls", item=FileField(name="reference_urls", media="audio")),
        FileField(name="cover", media="image"),
    )
    new = endpoint(
        FileField(name="archive_url", media="archive"),
        ArrayField(name="reference_urls", item=FileField(name="reference_urls", media="audio")),
        FileField(name="cover", media="video"),
    )
    files = {"data_url": "/a.zip", "reference_urls[1]": "/b.wav", "cover": "/c.png"}
    assert carried_files(old, files, new) == {"archive_url": "/a.zip", "reference_urls[1]": "/b.wav"}


def test_between_all_bundled_endpoints_what_is_carried_fits():
    every = bundled()
    words = {"prompt": "rain on glass", "tags": "rain", "text_prompt": "rain", "seed": 3}
    for old in every:
        values = {**defaults(old), **{name: value for name, value in words.items() if _has(old, name)}}
        for new in every:
            found = carried(old, values, new)
            wrong = {error.field for error in check(new, {**defaults(new), **found})}
            assert not wrong & found.keys()


def _has(each: Endpoint, name: str) -> bool:
    return any(field.name == name for field in each.fields)
