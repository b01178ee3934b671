"""What the engine offers: endpoints with the pydantic models of their inputs and outputs.

The server binds an input here and writes the endpoints' documents from these models; `tasks.py` does the work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

MAX_SECONDS = 3600.0
MAX_SEED = 2**53 - 1  # The largest whole number that every JSON reader keeps exact.

MAX_EXTENSION = 300.0
MAX_VARIED = 1800.0

OutputFormat = Literal["wav", "flac", "mp3", "ogg"]
_FORMAT = "The format of the returned clip; wav carries 32-bit floats and loses nothing."
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class File(BaseModel):
    """A file that an endpoint made."""

    url: str = Field(description="Where the file can be downloaded from.")
    content_type: str | None = Field(default=None, description="The media type of the file.", examples=["audio/wav"])
    file_name: str | None = Field(default=None, description="A name for the file.", examples=["take.wav"])
    file_size: int | None = Field(default=None, description="The size of the file in bytes.", examples=[1058444])


class InpaintInput(BaseModel):
    """A clip, a mask on it, and how to fill it."""

    model_config = ConfigDict(title="AudioInpaintingInput")

    audio_url: str = Field(
        min_length=1,
        description="The clip to work on: a file uploaded to this engine, or a data URI. Only the mask is remade.",
        json_schema_extra={"_fal_ui_field": "audio"},
    )
    mask_start_seconds: Seconds = Field(description="Where the mask begins, in seconds.", examples=[4])
    mask_end_seconds: Seconds = Field(description="Where the mask ends, in seconds.", examples=[8])
    method: Literal["auto", "repair", "fill", "texture"] = Field(
        default="auto",
        description="How the mask is filled: repair continues what sounds at its edges and suits short gaps, fill "
        "takes fitting passages from elsewhere in the clip, texture spreads out rain, hiss and other noise; auto "
        "chooses by the mask's length and the sound.",
    )
    variety: float = Field(
        default=0.5, ge=0, le=1, description="How far takes may differ: 0 keeps to the best fit, 1 ranges widest."
    )
    seed: int | None = Field(
        default=None, ge=0, le=MAX_SEED, description="The same seed gives the same take; without one it is drawn."
    )
    output_format: OutputFormat = Field(default="wav", description=_FORMAT)

    @field_validator("mask_end_seconds")
    @classmethod
    def _after_start(cls, value: float, info: ValidationInfo) -> float:
        start: float | None = info.data.get("mask_start_seconds")
        if start is not None and value <= start:
            raise ValueError("mask_end_seconds must be greater than mask_start_seconds")
        return value


class InpaintOutput(BaseModel):
    """The clip with its mask remade, and how that was done."""

    model_config = ConfigDict(title="AudioInpaintingOutput")

    audio: File = Field(description="The clip, of unchanged length and rate, with its mask remade.")
    seed: int = Field(description="The seed that was used.")
    method: str = Field(description="The method that was used.")
    match: str = Field(
        description="How well the filling suits its surroundings: strong, fair or weak; empty for a repair."
    )
    sources: list[list[float]] = Field(description="Start and end, in seconds, of each passage it was taken from.")
    seams: list[float] = Field(
        description="Both edges of the mask and the joins inside it: the share of the clip's own moments that change "
        "less, about 0.5 where a seam is like any other moment."
    )
    notes: list[str] = Field(description="What else is worth knowing about this take.")


class VaryInput(BaseModel):
    """A clip, and how far to stray from it."""

    model_config = ConfigDict(title="AudioVariationInput")

    audio_url: str = Field(
        min_length=1,
        description="The clip to vary: a file uploaded to this engine, or a data URI. All of it is varied.",
        json_schema_extra={"_fal_ui_field": "audio"},
    )
    strength: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="How much changes: 0 returns the clip bit for bit, 1 arranges all of its material anew.",
    )
    seed: int | None = Field(
        default=None, ge=0, le=MAX_SEED, description="The same seed gives the same take; without one it is drawn."
    )
    output_format: OutputFormat = Field(default="wav", description=_FORMAT)


class VaryOutput(BaseModel):
    """The clip varied, and how that was done."""

    model_config = ConfigDict(title="AudioVariationOutput")

    audio: File = Field(description="The variation, as long as the clip and at its rate.")
    seed: int = Field(description="The seed that was used.")
    changed: float = Field(description="How much of the clip gave way to something else, from 0 to 1.")
    sources: list[list[float]] = Field(description="Start and end, in seconds, of each passage that was put elsewhere.")
    notes: list[str] = Field(description="What else is worth knowing about this take.")


class ExtendInput(BaseModel):
    """A clip, and how far it is to go on beyond its ends."""

    model_config = ConfigDict(title="AudioExtensionInput")

    audio_url: str = Field(
        min_length=1,
        description="The clip to extend: a file uploaded to this engine, or a data URI. It stays as it is.",
        json_schema_extra={"_fal_ui_field": "audio"},
    )
    extend_before_seconds: float = Field(
        default=0, ge=0, le=MAX_EXTENSION, allow_inf_nan=False, description="Seconds to add before the clip's start."
    )
    extend_after_seconds: float = Field(
        default=0,
        ge=0,
        le=MAX_EXTENSION,
        allow_inf_nan=False,
        validate_default=True,
        description="Seconds to add after the clip's end.",
    )
    variety: float = Field(
        default=0.5, ge=0, le=1, description="How far takes may differ: 0 keeps to the best fit, 1 ranges widest."
    )
    seed: int | None = Field(
        default=None, ge=0, le=MAX_SEED, description="The same seed gives the same take; without one it is drawn."
    )
    output_format: OutputFormat = Field(default="wav", description=_FORMAT)

    @field_validator("extend_after_seconds")
    @classmethod
    def _somewhere(cls, value: float, info: ValidationInfo) -> float:
        before: float | None = info.data.get("extend_before_seconds")
        if before is not None and not before + value:
            raise ValueError("extend_before_seconds or extend_after_seconds must be greater than 0")
        return value


class ExtendOutput(BaseModel):
    """The clip with what was added, and how that was done."""

    model_config = ConfigDict(title="AudioExtensionOutput")

    audio: File = Field(description="What was added before, the clip unchanged, and what was added after it.")
    seed: int = Field(description="The seed that was used.")
    match: str = Field(description="How well the worse end goes on: strong, fair or weak; empty for a repair.")
    sources: list[list[float]] = Field(description="Start and end, in seconds, of each passage it was taken from.")
    notes: list[str] = Field(description="What else is worth knowing about this take.")


class SleepInput(BaseModel):
    """How long to do nothing, and how to end."""

    seconds: float = Field(default=1.0, ge=0, le=600, allow_inf_nan=False, description="How long to sleep.")
    lines: int = Field(default=2, ge=0, le=1000, description="How many log lines to write on the way.")
    outcome: Literal["done", "error", "exit"] = Field(default="done", description="How the job ends.")


class SleepOutput(BaseModel):
    """How long nothing was done."""

    slept: float = Field(description="Seconds.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One operation on offer; `roles` says outright which field means what, so that no client has to guess."""

    id: str
    title: str
    description: str
    category: str
    tags: tuple[str, ...]
    input: type[BaseModel]
    output: type[BaseModel]
    source_field: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict[str, str])
    limits: Mapping[str, float] = field(default_factory=dict[str, float])
    for_tests: bool = False

    @property
    def app(self) -> str:
        """Owner and alias: what the URLs of a request begin with."""
        return "/".join(self.id.split("/")[:2])


INPAINT = Endpoint(
    id="retake/inpaint",
    title="Inpaint from the clip itself",
    description="Remakes a masked part of a clip from the clip's own sound. Works offline and takes no prompt.",
    category="audio-to-audio",
    tags=("inpainting", "restoration", "offline"),
    input=InpaintInput,
    output=InpaintOutput,
    source_field="audio_url",
    roles={
        "source": "audio_url",
        "mask_start": "mask_start_seconds",
        "mask_end": "mask_end_seconds",
        "seed": "seed",
        "output_format": "output_format",
    },
    # A fill draws from what it is sent, and looks 150 s around: the more, the better it fits.
    limits={"max_seconds": MAX_SECONDS, "prefer_seconds": 300.0, "min_context_seconds": 0.25},
)

VARY = Endpoint(
    id="retake/vary",
    title="Vary the clip",
    description="Arranges a clip's own material anew, by degree. Works offline and takes no prompt.",
    category="audio-to-audio",
    tags=("variation", "offline"),
    input=VaryInput,
    output=VaryOutput,
    source_field="audio_url",
    roles={"source": "audio_url", "strength": "strength", "seed": "seed", "output_format": "output_format"},
    limits={"max_seconds": MAX_VARIED},
)

EXTEND = Endpoint(
    id="retake/extend",
    title="Extend from the clip itself",
    description="Lets a clip go on before its start or after its end, from its own sound. Works offline and takes no "
    "prompt.",
    category="audio-to-audio",
    tags=("extension", "offline"),
    input=ExtendInput,
    output=ExtendOutput,
    source_field="audio_url",
    roles={
        "source": "audio_url",
        "extend_before": "extend_before_seconds",
        "extend_after": "extend_after_seconds",
        "seed": "seed",
        "output_format": "output_format",
    },
    limits={"max_seconds": MAX_SECONDS, "prefer_seconds": 300.0},
)

SLEEP = Endpoint(
    id="retake/test-sleep",
    title="Sleep",
    description="Does nothing for a while, for tests of the queue.",
    category="audio-to-audio",
    tags=("test",),
    input=SleepInput,
    output=SleepOutput,
    for_tests=True,
)


def offered(tests: bool) -> dict[str, Endpoint]:
    """The endpoints by id; those for tests only where asked for."""
    return {each.id: each for each in (INPAINT, VARY, EXTEND, SLEEP) if tests or not each.for_tests}
