"""What ships, what is known of it, and how endpoints of several connections live together."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.endpoints.catalogue import Catalogue, Limits, Price, bundled, endpoint_from
from app.endpoints.fields import JsonField
from app.endpoints.request import Kind
from app.endpoints.roles import Role, walk
from app.errors import AppError
from app.paths import resources

TASKS = {
    "audio-inpainting": Kind.FILL,
    "audio-to-audio": Kind.VARY,
    "audio-outpainting": Kind.EXTEND,
    "text-to-audio": Kind.GENERATE,
}
KINDS = {
    **{
        f"stable-audio-3/{model}{base}/{task}": kind
        for model in ("medium", "small/music", "small/sfx")
        for base in ("", "/base")
        for task, kind in TASKS.items()
    },
    "stable-audio-25/inpaint": Kind.FILL,
    "stable-audio-25/audio-to-audio": Kind.VARY,
    "stable-audio-25/text-to-audio": Kind.GENERATE,
    "ace-step": Kind.GENERATE,
    "ace-step/prompt-to-audio": Kind.GENERATE,
    "ace-step/audio-to-audio": Kind.VARY,
    "ace-step/audio-inpaint": Kind.FILL,
    "ace-step/audio-outpaint": Kind.EXTEND,
    "stable-audio-3-trainer": Kind.OTHER,
}


def test_bundled_endpoints_are_read_whole():
    found = {each.id.removeprefix("fal-ai/"): each for each in bundled()}
    assert {name: each.kind for name, each in found.items()} == KINDS
    for each in found.values():
        assert not each.notes
        assert each.connection == "fal"
        assert each.outputs
        assert each.description
        for path, field in walk(each.fields):
            assert not isinstance(field, JsonField), path
            assert field.description, f"{each.id}: {path} has no help"


@pytest.mark.parametrize("model", ["medium", "small/music", "small/sfx"])
@pytest.mark.parametrize("base", [False, True])
@pytest.mark.parametrize("task", TASKS)
def test_the_stable_audio_3_family(model, base, task):
    found = next(each for each in bundled() if each.id == f"fal-ai/stable-audio-3/{model}{'/base' * base}/{task}")
    fields = {each.name: each for each in found.fields}
    longest = 380 if model == "medium" else 120
    own = {
        "audio-inpainting": {"mask_start_seconds": (0, longest), "mask_end_seconds": (0, longest)},
        "audio-to-audio": {"duration": (1, longest), "init_noise_level": (0, 1)},
        "audio-outpainting": {"extend_seconds_before": (0, longest), "extend_seconds_after": (0, longest)},
        "text-to-audio": {"duration": (1, longest)},
    }[task] | {"num_inference_steps": (1, 100), "guidance_scale": (0, 25)}
    assert {name: (fields[name].minimum, fields[name].maximum) for name in own} == own
    assert (fields["num_inference_steps"].default, fields["guidance_scale"].default) == ((50, 7) if base else (8, 1))
    assert len(fields) == {"text-to-audio": 11}.get(task, 13)
    assert {each.name for each in found.fields if each.required} == {
        *("prompt",),
        *(("audio_url",) if task != "text-to-audio" else ()),
        *(("mask_start_seconds", "mask_end_seconds") if task == "audio-inpainting" else ()),
    }
    assert found.limits.max_seconds == longest
    assert (found.limits.grid_seconds > 0) is (task == "audio-inpainting")
    assert [each.name for each in found.outputs] == ["audio", "seed", "prompt"]


def test_titles_tell_the_bundled_apart():
    titles = [each.title for each in bundled()]
    assert titles == sorted(set(titles))


def test_the_documents_are_what_the_tables_say():
    script = Path(__file__).parents[2] / "packaging" / "write_documents.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_bundled_documents_are_read_in_no_time():
    bundled()
    started = time.perf_counter()
    bundled()
    assert time.perf_counter() - started < 0.25  # 10 ms on the machine this was written on; the window waits for it


def test_file_names_and_ids_agree():
    for path in (resources() / "endpoints").glob("*.json"):
        assert endpoint_from(json.loads(path.read_text("utf-8")), "fal").id.replace("/", "__") == path.stem


def test_limits_and_prices_of_the_bundled():
    found = {each.id.removeprefix("fal-ai/"): each for each in bundled()}
    assert found["stable-audio-3/small/sfx/audio-inpainting"].limits.max_seconds == 120
    assert found["stable-audio-3/small/sfx/audio-inpainting"].price is None
    assert found["stable-audio-25/inpaint"].limits == Limits(max_seconds=190, prefer_seconds=20)
    assert found["ace-step/audio-inpaint"].limits.min_seconds == 3
    priced = {name: each.price for name, each in found.items() if each.price is not None}
    assert priced == {
        "stable-audio-3/small/sfx/base/audio-to-audio": Price(0.0315, "audio", "2026-06"),
        "stable-audio-3/small/sfx/base/audio-inpainting": Price(0.0331, "audio", "2026-06"),
    }


def test_limits_come_from_the_schema_where_nothing_is_stated(make_endpoint):
    found = make_endpoint(
        {
            "audio_url": {"type": "string"},
            "start_ms": {"type": "integer", "maximum": 60000},
            "end_ms": {"type": "integer", "maximum": 60000},
            "duration": {"type": "number", "maximum": 47},
        }
    )
    assert found.limits.max_seconds == 47
    assert found.time(Role.MASK_END).most == 60


@pytest.mark.parametrize(
    ("told", "price"),
    [
        (0, Price(0)),
        ({"amount": 0.5, "per": "second"}, Price(0.5, "second")),
        (None, None),
        ({"amount": "much"}, None),
        (-1, None),
        ({"per": "audio"}, None),
    ],
)
def test_prices_as_told(make_document, told, price):
    document = make_document({"prompt": {"type": "string"}}, **{"x-retake": {"price": told}})
    assert endpoint_from(document, "local").price == price


def test_nonsense_in_limits_is_passed_over(make_document):
    profile = {"limits": {"max_seconds": "long", "min_seconds": -3, "prefer_seconds": None}, "roles": []}
    document = make_document({"prompt": {"type": "string"}}, **{"x-retake": profile})
    assert endpoint_from(document, "local").limits == Limits()


def test_catalogue_is_immutable_and_knows_connections(make_document):
    here = endpoint_from(make_document({"prompt": {"type": "string"}}), "local")
    there = endpoint_from(make_document({"prompt": {"type": "string"}, "seed": {"type": "integer"}}), "studio")
    empty = Catalogue()
    both = empty.with_endpoints([here, there])
    assert (len(empty), len(both)) == (0, 2)
    assert both.get("house/thing") == here
    assert both.get("house/thing", "studio") == there
    assert both.get("house/thing", "fal") is None
    assert both.by_connection("studio") == (there,)
    assert both.without("local").all() == (there,)
    renewed = both.with_endpoints([endpoint_from(make_document({"text": {"type": "string"}}), "local")])
    assert len(renewed) == 2
    assert renewed.get("house/thing", "local").fields[0].name == "text"
    assert "house/thing" in both
    with pytest.raises(AppError, match="There is no endpoint"):
        both.need("house/other")
