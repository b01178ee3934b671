"""What the hosted endpoints take and give, as tables: names, types, limits and defaults are theirs, the words are ours.

Several endpoints of a family differ in a number or a field; here each difference stands once. `ENDPOINTS` is what
write_documents.py makes documents of.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from field_schemas import Json, choice, file, flag, number, or_null, text, whole


@dataclass(frozen=True, slots=True)
class Facts:
    """One endpoint; the order of `inputs` and `outputs` is the order of the panel and of the result."""

    id: str
    title: str
    about: str
    category: str
    inputs: dict[str, Json]
    required: tuple[str, ...]
    outputs: dict[str, Json]
    limits: dict[str, float] = field(default_factory=dict)
    price: dict[str, object] | None = None


_SEED = or_null(whole("The same seed with the same input gives the same take."))
_SYNC = flag("Return the sound inside the answer; the host then keeps no copy.", False)
_SEED_USED = whole("The seed that was used.")
_RESULT = {
    "audio-inpainting": "The whole clip as sent, with its new part.",
    "audio-to-audio": "What the sound was turned into.",
    "audio-outpainting": "The clip as sent, with what was added.",
    "text-to-audio": "The sound that was made.",
}


# -- Stable Audio 3: three models, each distilled and base, four tasks -------------------------------------------------

_SA3_MODELS = {
    "medium": ("Medium", 380, "The larger model, for music and sounds of up to six minutes."),
    "small/music": ("Small Music", 120, "A small, quick model for music of up to two minutes."),
    "small/sfx": ("Small SFX", 120, "A small, quick model for effects of up to two minutes."),
}
_SA3_TASKS = {
    "audio-inpainting": ("fill", "Remakes the mask after a prompt, within what is around it."),
    "audio-to-audio": ("vary", "Turns a sound into a variation of itself after a prompt."),
    "audio-outpainting": ("extend", "Goes on where a clip ends, or leads up to its beginning, after a prompt."),
    "text-to-audio": ("generate", "Makes a sound from a prompt alone."),
}
_SA3_PROMPTS = {
    "audio-inpainting": text("What should be heard in the mask.", None, "door slams, echo in a stairwell"),
    "audio-to-audio": text("What the sound should turn into.", None, "the same rhythm on tin cans"),
    "audio-outpainting": text("What should be heard in the added part.", None, "the rain thins out, birds return"),
    "text-to-audio": text("What should be heard.", None, "slow footsteps on gravel, wind in dry grass"),
}
# Its masks lie on a raster of 4096 frames at 44.1 kHz.
_SA3_RASTER = 0.09287982
# Dollars, where a page is known to have named a price.
_SA3_PRICES = {"small/sfx/base/audio-to-audio": 0.0315, "small/sfx/base/audio-inpainting": 0.0331}


def _stable_audio_3() -> Iterator[Facts]:
    for model, (name, longest, about) in _SA3_MODELS.items():
        for base in (False, True):
            for task, (verb, does) in _SA3_TASKS.items():
                path = f"{model}/base/{task}" if base else f"{model}/{task}"
                more = " This is the undistilled base: slower, and led more firmly by the prompt." if base else ""
                limits: dict[str, float] = {"max_seconds": longest}
                if task in ("audio-inpainting", "audio-outpainting"):
                    limits["prefer_seconds"] = 20
                if task == "audio-inpainting":
                    limits["grid_seconds"] = _SA3_RASTER
                price = _SA3_PRICES.get(path)
                inputs = _sa3_inputs(task, base, longest)
                always = ("prompt", "audio_url", "mask_start_seconds", "mask_end_seconds")
                yield Facts(
                    id=f"fal-ai/stable-audio-3/{path}",
                    title=f"Stable Audio 3 {name}{' Base' if base else ''}: {verb}",
                    about=f"{does} {about}{more}",
                    category="text-to-audio" if task == "text-to-audio" else "audio-to-audio",
                    inputs=inputs,
                    required=tuple(each for each in always if each in inputs),
                    outputs={
                        "audio": file(_RESULT[task]),
                        "seed": _SEED_USED,
                        "prompt": text("The prompt that was used, expanded if that was asked for."),
                    },
                    limits=limits,
                    price=None if price is None else {"amount": price, "per": "audio", "as_of": "2026-06"},
                )


def _sa3_inputs(task: str, base: bool, longest: int) -> dict[str, Json]:
    steps = (
        "Sampling steps. This base model wants about 50; fewer are quicker and rougher."
        if base
        else "Sampling steps. This model was distilled to need 8; more change little."
    )
    guidance = (
        "How closely the prompt is followed. About 7 suits this base model."
        if base
        else "How closely the prompt is followed. Without effect on this distilled model; base models use it."
    )
    formats = ("mp3", "wav", "flac", "ogg", "opus", "m4a", "aac")
    fields = {
        "negative_prompt": text("What the sound should keep away from.", ""),
        "duration": number("Length of the result, in seconds.", 1, longest, 30),
        "num_inference_steps": whole(steps, 1, 100, 50 if base else 8),
        "guidance_scale": number(guidance, 0, 25, 7 if base else 1),
        "seed": _SEED,
        "enable_prompt_expansion": flag("Let a language model write the prompt out in more detail first.", False),
        "enable_safety_checker": flag("Have the host check what is asked for and made.", True),
        "sync_mode": _SYNC,
        "output_format": choice("File format of the result; wav and flac lose nothing.", "mp3", *formats),
        "bitrate": text("Bit rate of compressed formats, such as 192k; wav and flac have none.", "192k"),
        "prompt": _SA3_PROMPTS[task],
    }
    if task in ("audio-inpainting", "audio-outpainting"):
        del fields["duration"]
    return fields | _sa3_own(task, longest)


def _sa3_own(task: str, longest: int) -> dict[str, Json]:
    """What only this task takes."""
    match task:
        case "audio-inpainting":
            return {
                "audio_url": text("The sound that is worked on; it stays as it is outside the mask."),
                "mask_start_seconds": number("Where the mask begins, in seconds.", 0, longest),
                "mask_end_seconds": number("Where the mask ends, in seconds.", 0, longest),
            }
        case "audio-to-audio":
            far = "How far the result may go from the sound that was sent: near 0 stays close, 1 keeps nothing of it."
            return {"audio_url": text("The sound that is varied."), "init_noise_level": number(far, 0, 1, 0.9)}
        case "audio-outpainting":
            return {
                "audio_url": text("The sound that is extended."),
                "extend_seconds_before": number("Seconds added before its beginning.", 0, longest, 0),
                "extend_seconds_after": number("Seconds added after its end.", 0, longest, 0),
            }
        case _:
            return {}


# -- Stable Audio 2.5 --------------------------------------------------------------------------------------------------

_SA25_STEPS = whole("Sampling steps; more take longer.", 4, 8, 8)
_SA25_GUIDANCE = number("How closely the prompt is followed.", 1, 25, 1)
_WHOLE = "It counts in whole seconds."


def _sa25_outputs(task: str) -> dict[str, Json]:
    return {"audio": file(_RESULT[task]), "seed": _SEED_USED}


_STABLE_AUDIO_25 = (
    Facts(
        id="fal-ai/stable-audio-25/inpaint",
        title="Stable Audio 2.5: fill",
        about="Remakes the mask of music or effects after a prompt. It counts in whole seconds, so that what is sent "
        "may be wider than the mask.",
        category="audio-to-audio",
        inputs={
            "prompt": text("What should be heard in the mask.", None, "brushed drums, upright bass"),
            "audio_url": text("The sound that is worked on."),
            "seconds_total": or_null(whole("Length of the whole clip, in whole seconds.", 1, 190, 190)),
            "guidance_scale": _SA25_GUIDANCE,
            "mask_start": whole("Where the mask begins, in whole seconds.", 0, 190, 30),
            "mask_end": whole("Where the mask ends, in whole seconds.", 0, 190, 190),
            "num_inference_steps": _SA25_STEPS,
            "sync_mode": _SYNC,
            "seed": _SEED,
        },
        required=("prompt", "audio_url"),
        outputs=_sa25_outputs("audio-inpainting"),
        limits={"max_seconds": 190, "prefer_seconds": 20},
    ),
    Facts(
        id="fal-ai/stable-audio-25/audio-to-audio",
        title="Stable Audio 2.5: vary",
        about=f"Turns music or effects into a variation after a prompt. {_WHOLE}",
        category="audio-to-audio",
        inputs={
            "prompt": text("What the sound should turn into.", None, "the same tune on a music box"),
            "audio_url": text("The sound that is varied."),
            "strength": number("How far the result may go from the sound that was sent.", 0.01, 1, 0.8),
            "num_inference_steps": _SA25_STEPS,
            "total_seconds": or_null(whole("Length of the result, in whole seconds.", 1, 190)),
            "guidance_scale": _SA25_GUIDANCE,
            "sync_mode": _SYNC,
            "seed": _SEED,
        },
        required=("prompt", "audio_url"),
        outputs=_sa25_outputs("audio-to-audio"),
        limits={"max_seconds": 190},
    ),
    Facts(
        id="fal-ai/stable-audio-25/text-to-audio",
        title="Stable Audio 2.5: generate",
        about=f"Makes music or effects from a prompt alone. {_WHOLE}",
        category="text-to-audio",
        inputs={
            "prompt": text("What should be heard.", None, "a lone cello over distant thunder"),
            "seconds_total": whole("Length of the result, in whole seconds.", 1, 190, 190),
            "num_inference_steps": _SA25_STEPS,
            "guidance_scale": _SA25_GUIDANCE,
            "sync_mode": _SYNC,
            "seed": _SEED,
        },
        required=("prompt",),
        outputs=_sa25_outputs("text-to-audio"),
        limits={"max_seconds": 190},
    ),
)


# -- ACE-Step ----------------------------------------------------------------------------------------------------------

_TAGS = text("Genres, instruments and moods, with commas between them.", None, "folk, fiddle, brisk")
_LYRICS = text("Words to sing, with marks such as [verse] and [chorus]; empty or [inst] for none.", "")
_ACE_LENGTH = number("Length of the result, in seconds.", 5, 240, 60)
_ACE_STEERING = {
    "number_of_steps": whole("Steps of generation; more take longer.", 3, 60, 27),
    "seed": _SEED,
    "scheduler": choice("How the steps are taken.", "euler", "euler", "heun"),
    "guidance_type": choice("How the tags and lyrics steer the steps.", "apg", "cfg", "apg", "cfg_star"),
    "granularity_scale": whole("Raise it where the result has artifacts.", -100, 100, 10),
    "guidance_interval": number("Share of the steps, around the middle, that is steered at all.", 0, 1, 0.5),
    "guidance_interval_decay": number("How much the steering weakens within that share; 0 keeps it even.", 0, 1, 0),
    "guidance_scale": number("How strongly the steps are steered.", 0, 200, 15),
    "minimum_guidance_scale": number("The strength that the steering weakens to.", 0, 200, 3),
    "tag_guidance_scale": number("How much weight the tags have.", 0, 10, 5),
    "lyric_guidance_scale": number("How much weight the lyrics have.", 0, 10, 1.5),
}


def _anchor(words: str) -> Json:
    return choice(
        f"Whether the mask's {words} is counted from the start or the end of the clip.", "start", "start", "end"
    )


def _ace(
    task: str, title: str, about: str, inputs: dict[str, Json], required: tuple[str, ...], **limits: float
) -> Facts:
    return Facts(
        id="fal-ai/ace-step" + (f"/{task}" if task else ""),
        title=f"ACE-Step: {title}",
        about=about,
        category="audio-to-audio" if "audio_url" in inputs else "text-to-audio",
        inputs=inputs,
        required=required,
        outputs={
            "audio": file(_RESULT.get(f"{task}ing", _RESULT.get(task, _RESULT["text-to-audio"]))),
            "seed": _SEED_USED,
            "tags": text("The tags that were used."),
            "lyrics": text("The lyrics that were used."),
        },
        limits={"max_seconds": 240, **limits},
    )


_ACE_STEP = (
    _ace(
        "",
        "generate from tags",
        "Makes a song from tags and, if wanted, lyrics.",
        {"tags": _TAGS, "lyrics": _LYRICS, "duration": _ACE_LENGTH, **_ACE_STEERING},
        ("tags",),
    ),
    _ace(
        "prompt-to-audio",
        "generate from a prompt",
        "Makes a song from one sentence; tags and lyrics are written by a language model.",
        {
            "prompt": text(
                "What the song should be like; tags and lyrics follow from it.", None, "a brisk fiddle reel"
            ),
            "instrumental": flag("Make it without words.", False),
            "duration": _ACE_LENGTH,
            **_ACE_STEERING,
        },
        ("prompt",),
    ),
    _ace(
        "audio-to-audio",
        "vary",
        "Remixes a song after other tags, or sings other words to it.",
        {
            "audio_url": text("The music that is worked on."),
            "edit_mode": choice("Change the words alone, or remix all of it.", "remix", "lyrics", "remix"),
            "original_tags": text("Tags of the music as it is.", None, "folk, guitar, calm"),
            "original_lyrics": text("Words of the music as it is.", ""),
            "tags": _TAGS,
            "lyrics": _LYRICS,
            **_ACE_STEERING,
            "original_seed": or_null(whole("The seed that the music was made with, if it is known.")),
        },
        ("audio_url", "original_tags", "tags"),
    ),
    _ace(
        "audio-inpaint",
        "fill",
        "Remakes the mask of a song after tags and, if wanted, lyrics.",
        {
            "audio_url": text("The music that is worked on."),
            "start_time_relative_to": _anchor("start"),
            "start_time": number("Where the mask begins, in seconds.", 0, 240, 0),
            "end_time_relative_to": _anchor("end"),
            "end_time": number("Where the mask ends, in seconds.", 0, 240, 30),
            "tags": _TAGS,
            "lyrics": _LYRICS,
            "variance": number("How far the new part may go from what was there.", 0, 1, 0.5),
            **_ACE_STEERING,
        },
        ("audio_url", "tags"),
        min_seconds=3,
        prefer_seconds=20,
    ),
    _ace(
        "audio-outpaint",
        "extend",
        "Goes on where a song ends, or leads up to its beginning, after tags and, if wanted, lyrics.",
        {
            "audio_url": text("The music that is extended."),
            "extend_before_duration": number("Seconds added before its beginning.", 0, 240, 0),
            "extend_after_duration": number("Seconds added after its end.", 0, 240, 30),
            "tags": _TAGS,
            "lyrics": _LYRICS,
            **_ACE_STEERING,
        },
        ("audio_url", "tags"),
        prefer_seconds=20,
    ),
)


# -- Stable Audio 3's trainer ------------------------------------------------------------------------------------------

_ADAPTERS = ("lora", "dora", "dora-rows", "dora-cols", "bora", "lora-xs", "dora-rows-xs", "dora-cols-xs", "bora-xs")


def _names(words: str) -> Json:
    return or_null({"type": "array", "items": {"type": "string"}, "description": words})


_TRAINER = Facts(
    id="fal-ai/stable-audio-3-trainer",
    title="Stable Audio 3: train a LoRA",
    about="Trains a small addition (LoRA) to Stable Audio 3 from a zip of recordings, each with a text file that "
    "describes it.",
    category="training",
    inputs={
        "audio_data_url": {
            **text("A zip archive: each recording beside a .txt of the same name that says what is heard."),
            "_fal_ui_field": "archive",
        },
        "model": choice(
            "The base model that learns.", "medium-base", "medium-base", "small-music-base", "small-sfx-base"
        ),
        "number_of_steps": whole("Steps of training.", default=1000),
        "learning_rate": number("How large each step of learning is.", None, None, 0.0001),
        "rank": whole("Size of the addition: higher holds more and takes more.", default=16),
        "adapter_type": choice("Kind of the addition.", "dora-rows", *_ADAPTERS),
        "duration": or_null(
            number(
                "Length that recordings are cut or padded to, in seconds; left unset, the longest recording decides.",
                None,
                None,
            )
        ),
        "batch_size": whole("Recordings a step; more than one costs more.", default=1),
        "seed": whole("The same seed with the same archive trains alike.", default=42),
        "base_precision": choice(
            "Number type of the weights that stay as they are.", "bf16", "bf16", "bfloat16", "fp16", "float16"
        ),
        "include": _names("Train only parts whose names contain one of these."),
        "exclude": _names("Leave out parts whose names contain one of these."),
        "lora_checkpoint_url": or_null(text("An earlier .safetensors to go on from.")),
        "pre_encode": flag("Encode all recordings once, before the training."),
    },
    required=("audio_data_url",),
    outputs={"lora_file": file("The trained LoRA weights."), "config_file": file("Facts of the training as JSON.")},
)

ENDPOINTS = (*_stable_audio_3(), *_STABLE_AUDIO_25, *_ACE_STEP, _TRAINER)
