"""What a body asks for: the sound that was sent, where its hole is, how long a result; and what is wrong with it."""

import base64
import io
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import soundfile
from hosted_documents import Known

from app.endpoints.fields import ChoiceField, FileField, Json, NumberField
from app.endpoints.request import Kind
from app.endpoints.roles import Role, field_at, value_at, walk
from app.engine.problems import Detail

LOSSLESS = ("wav", "flac", "aiff")
RATES = (8_000, 192_000)
_FRAME = 1e-4  # seconds: half a frame of rounding is no fault


@dataclass(frozen=True, eq=False)
class Sent:
    """A sound as it came: frames (frames, channels) float32, and how it was packed."""

    frames: np.ndarray
    rate: int
    subtype: str
    size: int

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.frames.shape[0] / self.rate

    @property
    def channels(self) -> int:
        """How many there are."""
        return self.frames.shape[1]


@dataclass(eq=False)
class Work:
    """One body, read. `hole` is in frames of the source; lengths are in seconds, None where nothing was said."""

    known: Known
    body: dict[str, Json]
    source: Sent | None = None
    hole: tuple[int, int] | None = None
    before: float = 0.0
    after: float = 0.0
    duration: float | None = None
    format: str = ""
    seed: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    complaints: list[Detail] = field(default_factory=list)

    def told(self, role: Role) -> Json:
        """What the body says in the field with that role."""
        path = self.known.endpoint.roles.get(role)
        return None if path is None else value_at(self.body, path)


def read_work(known: Known, body: Json, fetch: Callable[[str], bytes | None], *, lossy: bool = False) -> Work:
    """Read a body and check all of it; `fetch` gives the bytes behind an address that this host knows."""
    work = Work(known, body if isinstance(body, dict) else {})
    work.complaints += known.complaints(body)
    if not work.complaints:
        _Reading(work, fetch, lossy).run()
    return work


class _Reading:
    """One body on its way to being work."""

    def __init__(self, work: Work, fetch: Callable[[str], bytes | None], lossy: bool) -> None:
        self.work = work
        self.endpoint = work.known.endpoint
        self.fetch = fetch
        self.lossy = lossy

    def run(self) -> None:
        told = self.work.told(Role.SEED)
        whole = isinstance(told, int) and not isinstance(told, bool) and told >= 0
        self.work.seed = int(told) if whole else random.SystemRandom().randrange(2**31)
        self.files()
        self.format()
        self.lengths()
        if self.work.source is not None:
            self.source(self.work.source)
        if self.work.source is not None and self.endpoint.kind is Kind.FILL:
            self.hole(self.work.source)
        if Role.SYNC in self.endpoint.roles and self.work.told(Role.SYNC) is True:
            self.complain(Role.SYNC, "A result inside the answer is kept nowhere: it was not to be asked for.")

    def complain(self, role: Role, words: str, kind: str = "value_error") -> None:
        loc = ("body", *self.endpoint.roles.get(role, "").split("."))
        self.work.complaints.append(Detail(loc=loc, msg=words, type=kind))

    def files(self) -> None:
        """Fetch everything that an address in the body names."""
        for path, each in walk(self.endpoint.fields):
            url = value_at(self.work.body, path) if isinstance(each, FileField) else None
            if url is None:
                continue
            data = self.fetch(str(url))
            if data is None:
                complaint = Detail(loc=("body", path), msg="There is no such file here.", type="file_download_error")
                self.work.complaints.append(complaint)
                continue
            self.work.files[path] = data
        source, archive = (
            self.work.files.get(self.endpoint.roles.get(role, "")) for role in (Role.SOURCE, Role.ARCHIVE)
        )
        if source is not None:
            try:
                frames, rate = soundfile.read(io.BytesIO(source), dtype="float32", always_2d=True)
            except soundfile.LibsndfileError as error:
                self.complain(Role.SOURCE, f"This is no sound: {error}.", "unsupported_audio_format")
            else:
                subtype = soundfile.info(io.BytesIO(source)).subtype
                self.work.source = Sent(frames, int(rate), subtype, len(source))
        if archive is not None and not zipfile.is_zipfile(io.BytesIO(archive)):
            self.complain(Role.ARCHIVE, "This is no zip archive.", "unsupported_archive_format")

    def format(self) -> None:
        each = self.endpoint.field(Role.OUTPUT_FORMAT)
        told = self.work.told(Role.OUTPUT_FORMAT)
        default = each.default if each is not None else None
        self.work.format = str(told if told is not None else default) if isinstance(each, ChoiceField) else ""
        choices = [str(one) for one in each.choices] if isinstance(each, ChoiceField) else []
        could = any(one.startswith(LOSSLESS) for one in choices)
        if could and not self.lossy and not self.work.format.startswith(LOSSLESS):
            self.complain(Role.OUTPUT_FORMAT, f"{self.work.format} loses what {choices} need not.")

    def lengths(self) -> None:
        """Every field that tells a length is there outright: hosts fill in defaults that nobody asked for."""
        if self.endpoint.kind is Kind.OTHER:
            return
        found = {role: self.seconds(role) for role in (Role.DURATION, Role.EXTEND_BEFORE, Role.EXTEND_AFTER)}
        for role in (each for each in found if each in self.endpoint.roles):
            if found[role] is None:
                self.complain(role, "The length must be told outright.", "missing")
        self.work.duration = found[Role.DURATION]
        self.work.before, self.work.after = (found[role] or 0.0 for role in (Role.EXTEND_BEFORE, Role.EXTEND_AFTER))
        if self.endpoint.kind is Kind.EXTEND and not self.work.before + self.work.after:
            self.complain(Role.EXTEND_AFTER, "There is nothing to add.")

    def source(self, sent: Sent) -> None:
        """The sound that came, against what is known of the endpoint beyond its schema."""
        limits = self.endpoint.limits
        whole = sent.seconds + self.work.before + self.work.after
        if limits.max_seconds is not None and whole > limits.max_seconds + _FRAME:
            self.complain(Role.SOURCE, f"{whole:.3f} s are too long.", "audio_duration_too_long")
        if sent.seconds < limits.min_seconds - _FRAME:
            self.complain(Role.SOURCE, f"{sent.seconds:.3f} s are too short.", "audio_duration_too_short")
        if not RATES[0] <= sent.rate <= RATES[1] or not 1 <= sent.channels <= 2:
            self.complain(
                Role.SOURCE, f"{sent.rate} Hz × {sent.channels} is no usual sound.", "unsupported_audio_format"
            )
        if sent.frames.size == 0 or not np.isfinite(sent.frames).all():
            self.complain(Role.SOURCE, "There is nothing in it.", "unsupported_audio_format")
        if self.work.duration is not None:
            over = self.work.duration - sent.seconds
            if not -_FRAME <= over <= self.step(Role.DURATION) + _FRAME:
                self.complain(Role.DURATION, f"{self.work.duration} s do not fit {sent.seconds:.3f} s of sound.")

    def hole(self, sent: Sent) -> None:
        """Where the mask is in the sound, by its start or its end."""
        found: list[float] = []
        for role, anchor in ((Role.MASK_START, Role.MASK_START_FROM), (Role.MASK_END, Role.MASK_END_FROM)):
            told = self.seconds(role)
            if told is None:
                self.complain(role, "The mask must be told outright.", "missing")
                return
            found.append(sent.seconds - told if self.work.told(anchor) == "end" else told)
            if anchor in self.endpoint.roles and self.work.told(anchor) not in ("start", "end"):
                self.complain(anchor, "It is not told from where this counts.", "missing")
        start, end = found
        if not -_FRAME <= start < end <= sent.seconds + self.step(Role.MASK_END) + _FRAME:
            self.complain(Role.MASK_END, f"A mask of {start:.3f} to {end:.3f} s is not in {sent.seconds:.3f} s.")
            return
        last = sent.frames.shape[0]
        self.work.hole = (min(max(round(start * sent.rate), 0), last), min(round(end * sent.rate), last))

    def seconds(self, role: Role) -> float | None:
        told = self.work.told(role)
        return float(told) / self.per_second(role) if isinstance(told, int | float) else None

    def step(self, role: Role) -> float:
        """By how much a value may be off because the field cannot tell it more exactly."""
        each = field_at(self.endpoint.fields, self.endpoint.roles[role])
        coarse = (each.multiple_of or float(each.integer)) if isinstance(each, NumberField) else 0.0
        return coarse / self.per_second(role)

    def per_second(self, role: Role) -> float:
        return 1000.0 if re.search(r"(_ms|milliseconds)$", self.endpoint.roles[role]) else 1.0


def inline(url: str) -> bytes | None:
    """The bytes of a data URI; None for another address."""
    head, comma, text = url.partition(",")
    if not head.startswith("data:") or not comma or not head.endswith(";base64"):
        return None
    return base64.b64decode(text, validate=True)
