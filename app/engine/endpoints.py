"""What the engine offers: endpoints with the pydantic models of their inputs and outputs.

The server binds an input here and writes the endpoints' documents from these models; `tasks.py` does the work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

MAX_SECONDS = 3600.0
MAX_SEED = 2**53 - 1  # The largest whole number that every JSON reader keeps exact.

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
    method: Literal["auto", "repair", "fill"] = Field(
        default="auto",
        description="How the mask is filled: repair continues what sounds at its edges and suits short gaps, fill "
        "takes fitting passages from elsewhere in the clip, auto chooses by the mask's length.",
    )
    variety: float = Field(
        default=0.5, ge=0, le=1, description="How far takes may differ: 0 keeps to the best fit, 1 ranges widest."
    )
    seed: int | None = Field(
        default=None, ge=0, le=MAX_SEED, description="The same seed gives the same take; without one it is drawn."
    )
    output_format: Literal["wav", "flac", "mp3", "ogg"] = Field(
        default="wav", description="The format of the returned clip; wav carries 32-bit floats and loses nothing."
    )

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
    return {each.id: each for each in (INPAINT, SLEEP) if tests or not each.for_tests}
