"""Excerpts: which part of the clip is sent for a mask, and which span of it the endpoint's schema can express.

The excerpt is the mask with context: max(mask/2, 2 s) at each side, more where the endpoint prefers longer clips, never
past its limit or the clip. What is *sent* as the mask may be wider (whole seconds, a raster); the splice never is.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.endpoints.catalogue import Endpoint
from app.endpoints.request import Kind
from app.endpoints.roles import Role
from app.errors import MaskError
from app.sound.region import Region

_LEAST_CONTEXT: Final = 2.0


class ContextMode(StrEnum):
    """How much of the clip goes along with the mask."""

    AUTO = "auto"
    MASK_ONLY = "mask only"
    WHOLE = "whole clip"
    SECONDS = "seconds"


@dataclass(frozen=True, slots=True)
class Context:
    """The context that was chosen; `seconds` at each side counts in the mode SECONDS only."""

    mode: ContextMode = ContextMode.AUTO
    seconds: float = 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes out, in frames of the clip: the excerpt, the span sent as the mask, and a sentence that tells why.

    `sent` lies inside the excerpt, but where the endpoint extends the clip: there it reaches beyond its ends.
    """

    excerpt: Region
    sent: Region
    why: str

    @property
    def length(self) -> int:
        """Frames from the first to the last of what is sent and asked for: what a price by the second is about."""
        return max(self.excerpt.end, self.sent.end) - min(self.excerpt.start, self.sent.start)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """An endpoint's limits in frames of the clip.

    `earliest` is where a sent mask may begin in the excerpt, `before` the sound that this mask needs before it.
    """

    longest: int | None
    shortest: int
    earliest: int
    before: int
    mask_most: int | None
    mask_least: int

    @classmethod
    def of(cls, endpoint: Endpoint, mask: Region, rate: int) -> "_Bounds":
        limits = endpoint.limits
        longest = None if limits.max_seconds is None else math.floor(limits.max_seconds * rate + 1e-6)
        start, end = endpoint.time(Role.MASK_START), endpoint.time(Role.MASK_END)
        # A field that cannot say less than 1 s needs 1 s of sound before the mask.
        earliest = math.ceil((start.least if start else 0.0) * rate)
        least = math.ceil(limits.min_mask_seconds * rate)
        before = max(earliest, math.ceil((end.least if end else 0.0) * rate) - max(mask.length, least))
        told = None if limits.max_mask_seconds is None else math.floor(limits.max_mask_seconds * rate + 1e-6)
        most = [each for each in (told, None if longest is None else longest - before) if each is not None]
        return cls(
            longest,
            math.ceil(limits.min_seconds * rate),
            earliest,
            before,
            min(most, default=None),
            least,
        )


def plan(endpoint: Endpoint, mask: Region, length: int, rate: int, context: Context = Context()) -> Plan:
    """What to send of a clip of so many frames; MaskError, with what would work, where nothing can be sent."""
    if endpoint.kind is Kind.OTHER:
        return Plan(Region(0, 0), Region(0, 0), "Sends no part of the clip.")
    if mask.length <= 0:
        raise MaskError("The mask is empty.", "Drag over the part to remake.")
    if mask.start > length or mask.end < 0:
        raise MaskError(
            f"The mask does not touch the clip, which has {_s(length, rate)}.", "Drag from its end, or from its start."
        )
    match endpoint.kind:
        case Kind.EXTEND:
            return _extend(endpoint, mask, length, rate, context)
        case Kind.GENERATE:
            return _generate(endpoint, mask, rate)
        case Kind.FILL:
            # Beyond its ends the clip goes on in silence, which is sent and comes back as sound.
            moved, whole = max(-mask.start, 0), max(length, mask.end) + max(-mask.start, 0)
            found = _fill(endpoint, mask.moved(moved), whole, rate, context, moved)
            why = found.why.replace("the whole clip", "the whole clip with the empty part of the mask", 1)
            if whole == length:
                why = found.why
            return Plan(found.excerpt.moved(-moved), found.sent.moved(-moved), why)
        case _:
            if mask.start < 0 or mask.end > length:
                raise MaskError(
                    f"{endpoint.title} remakes what is there; the mask reaches beyond the clip.",
                    f"Keep it between 0 and {_s(length, rate)}, or choose an endpoint that extends or fills.",
                )
            return _alone(endpoint, mask, length, rate, context)


def _fill(endpoint: Endpoint, mask: Region, length: int, rate: int, context: Context, moved: int) -> Plan:
    """`moved` is by how much the clip's own frame 0 lies later here, where a mask begins before it."""
    bounds = _Bounds.of(endpoint, mask, rate)
    if bounds.mask_most is not None and mask.length > bounds.mask_most:
        raise MaskError(
            f"{endpoint.title} fills at most {_s(bounds.mask_most, rate)}; this mask has {_s(mask.length, rate)}.",
            f"Make the mask {_s(bounds.mask_most, rate)} or shorter, or choose another endpoint.",
        )
    if mask.start < bounds.before:
        raise MaskError(
            f"{endpoint.title} needs {_s(bounds.before, rate)} of sound before the mask; there are only "
            f"{_s(mask.start, rate)}.",
            f"Start the mask at {_s(bounds.before, rate)} or later.",
        )
    excerpt = _with_context(endpoint, mask, length, rate, context, bounds)
    if excerpt.length < bounds.shortest:
        raise MaskError(
            f"{endpoint.title} needs at least {_s(bounds.shortest, rate)} of sound; the clip has {_s(length, rate)}.",
            "Choose another endpoint, or a longer clip.",
        )
    around = math.ceil(endpoint.limits.min_context_seconds * rate)
    if excerpt.length - mask.length < around:
        raise MaskError(
            f"{endpoint.title} needs at least {_s(around, rate)} of sound outside the mask.",
            "Mask less of the clip, or send more of what is around the mask.",
        )
    sent = _sendable(endpoint, excerpt, mask, rate, bounds)
    return Plan(excerpt, sent, _why(excerpt, mask, sent, length, rate, bounds, moved))


def _with_context(
    endpoint: Endpoint, mask: Region, length: int, rate: int, context: Context, bounds: _Bounds
) -> Region:
    """The mask with its context, within the clip and the endpoint's limits, begun on the endpoint's raster."""
    match context.mode:
        case ContextMode.MASK_ONLY:
            around = 0
        case ContextMode.WHOLE:
            around = length
        case ContextMode.SECONDS:
            around = round(min(max(context.seconds, 0.0), length / rate) * rate)
        case _:
            around = max(mask.length // 2, round(_LEAST_CONTEXT * rate))
    region = mask.widened(max(around, bounds.before), around).clamped(length)
    wanted = endpoint.limits.prefer_seconds if context.mode is ContextMode.AUTO else 0.0
    region = _grown(region, max(round(wanted * rate), bounds.shortest), length)
    if bounds.longest is not None:
        region = _cut(region, mask, bounds.longest, bounds.before)
    return region if context.mode is ContextMode.WHOLE else _aligned(endpoint, region, mask, length, rate, bounds)


def _grown(region: Region, wanted: int, length: int) -> Region:
    """To so many frames, evenly at both sides; what one side has not, the other gives."""
    missing = min(wanted, length) - region.length
    if missing <= 0:
        return region
    left = min(missing // 2, region.start)
    right = min(missing - left, length - region.end)
    return region.widened(min(missing - right, region.start), right)


def _cut(region: Region, mask: Region, longest: int, before: int) -> Region:
    """To at most so many frames, the context taken evenly from both sides of the mask."""
    if region.length <= longest:
        return region
    left, right = mask.start - region.start, region.end - mask.end
    room = longest - mask.length
    left = max(min(left, max(room // 2, room - right)), before)
    return mask.widened(left, min(right, room - left))


def _aligned(endpoint: Endpoint, region: Region, mask: Region, length: int, rate: int, bounds: _Bounds) -> Region:
    """Begun so that the mask's start lies on the raster: a step of the field, or the endpoint's own."""
    step = _raster(endpoint) * rate
    if not step:
        return region
    over = math.fmod(mask.start - region.start, step)
    if over < 0.5 or step - over < 0.5:
        return region
    earlier, later = region.start - round(step - over), region.start + round(over)
    if earlier >= 0 and (bounds.longest is None or region.end - earlier <= bounds.longest):
        return Region(earlier, region.end)
    if mask.start - later < max(bounds.before, math.ceil(step)):
        return region
    # What is lost before the mask is given after it, for an excerpt that should have a certain length.
    return Region(later, min(region.end + later - region.start, length))


def _raster(endpoint: Endpoint) -> float:
    """Seconds between the mask's places that can be told, 0 for any."""
    start = endpoint.time(Role.MASK_START)
    return max(endpoint.limits.grid_seconds, start.step_seconds if start else 0.0)


def _sendable(endpoint: Endpoint, excerpt: Region, mask: Region, rate: int, bounds: _Bounds) -> Region:
    """The span that the fields can tell, widened outwards, cut to the excerpt."""
    # A model's own raster begins late at both edges: a step more at each side covers the mask.
    margin = round(endpoint.limits.grid_seconds * rate)
    low, high = excerpt.start + bounds.earliest, excerpt.end
    begin, stop = max(mask.start - margin, low), min(mask.end + margin, high)
    if (missing := bounds.mask_least - (stop - begin)) > 0:
        # What does not fit at one side is taken at the other.
        right = min(missing - min(missing // 2, begin - low), high - stop)
        begin, stop = max(begin - (missing - right), low), stop + right
    start, end = endpoint.time(Role.MASK_START), endpoint.time(Role.MASK_END)
    if start is not None:
        begin = excerpt.start + start.frames(start.down(begin - excerpt.start, rate), rate)
    if end is not None:
        stop = excerpt.start + end.frames(end.up(stop - excerpt.start, rate), rate)
    sent = Region(max(begin, excerpt.start), min(stop, high))
    if sent.length < bounds.mask_least:
        raise MaskError(
            f"{endpoint.title} fills at least {_s(bounds.mask_least, rate)}; only {_s(sent.length, rate)} can be sent.",
            "Choose more context, a longer clip, or another endpoint.",
        )
    return sent


def _alone(endpoint: Endpoint, mask: Region, length: int, rate: int, context: Context) -> Plan:
    """For endpoints that remake all they get: the mask itself, longer only where the endpoint or the user asks."""
    bounds, timed = _Bounds.of(endpoint, mask, rate), endpoint.time(Role.DURATION)
    if bounds.longest is not None and mask.length > bounds.longest:
        raise MaskError(
            f"{endpoint.title} takes at most {_s(bounds.longest, rate)}; this mask has {_s(mask.length, rate)}.",
            f"Make the mask {_s(bounds.longest, rate)} or shorter.",
        )
    around = {ContextMode.WHOLE: length, ContextMode.SECONDS: round(max(context.seconds, 0.0) * rate)}
    region = mask.widened(*[min(around.get(context.mode, 0), length)] * 2).clamped(length)
    least = max(bounds.shortest, math.ceil((timed.least if timed else 0.0) * rate))
    if timed is not None and timed.step:
        # A length in whole seconds: better some more sound than some silence at the end.
        least = max(least, timed.frames(timed.up(region.length, rate), rate))
    region = _grown(region, least, length)
    if bounds.longest is not None:
        region = _cut(region, mask, bounds.longest, 0)
    if region.length < bounds.shortest:
        raise MaskError(
            f"{endpoint.title} needs at least {_s(bounds.shortest, rate)} of sound; the clip has {_s(length, rate)}.",
            "Choose another endpoint, or a longer clip.",
        )
    why = _why(region, mask, region, length, rate, bounds)
    return Plan(region, region, why if region == mask else f"{why[:-1]}; all of it is remade, only the mask is kept.")


def _generate(endpoint: Endpoint, mask: Region, rate: int) -> Plan:
    """For endpoints that make sound of words alone: nothing is sent, and as much is asked for as is to be made."""
    limits, timed = endpoint.limits, endpoint.time(Role.DURATION)
    most = limits.max_seconds
    if most is not None and mask.length > math.floor(most * rate + 1e-6):
        raise MaskError(
            f"{endpoint.title} makes at most {most:g} s; {_s(mask.length, rate)} are asked for.",
            f"Ask for {most:g} s or less, or drag over less of the clip.",
        )
    if timed is None:
        return Plan(mask, mask, "Sends no sound; how long the result is, the endpoint decides.")
    asked = max(timed.frames(timed.up(mask.length, rate), rate), math.ceil(timed.least * rate))
    more = f" of {_s(asked, rate)}, the nearest that it can be told" if asked > mask.length + 1 else ""
    return Plan(mask, Region(mask.start, mask.start + asked), f"Sends no sound; keeps {_s(mask.length, rate)}{more}.")


def _extend(endpoint: Endpoint, mask: Region, length: int, rate: int, context: Context) -> Plan:
    """For endpoints that go on where a clip ends: what lies under the mask gives way, the sound beside it is sent."""
    late, early = mask.end > length, mask.start < 0
    if not late and not early:
        raise MaskError(
            f"{endpoint.title} only goes on where the clip ends or begins.",
            "Drag the mask from the clip's end, or from its start, into the empty space beyond.",
        )
    if late and early:
        raise MaskError(f"{endpoint.title} extends one end at a time.", "Drag beyond the clip's end or its start.")
    role, side = (Role.EXTEND_AFTER, "after the end") if late else (Role.EXTEND_BEFORE, "before the start")
    unit = endpoint.time(role)
    if unit is None:
        raise MaskError(f"{endpoint.title} does not extend {side}.", "Drag beyond the other end of the clip.")
    if unit.most is not None and mask.length > unit.most * rate:
        raise MaskError(
            f"{endpoint.title} adds at most {unit.most:g} s {side}; the mask asks for {_s(mask.length, rate)}.",
            f"Drag no further than {unit.most:g} s.",
        )
    bounds = _Bounds.of(endpoint, mask, rate)
    there = mask.start if late else length - mask.end
    room = there if bounds.longest is None else min(bounds.longest - mask.length, there)
    if room <= 0 or room < bounds.shortest:
        raise MaskError(
            f"{endpoint.title} needs {_s(max(bounds.shortest, 1), rate)} of the clip to go on from, and makes at most "
            f"{_s(bounds.longest, rate)} in all."
            if bounds.longest is not None
            else f"{endpoint.title} needs {_s(max(bounds.shortest, 1), rate)} of the clip to go on from.",
            "Drag a shorter stretch, or over less of the clip.",
        )
    match context.mode:
        case ContextMode.WHOLE | ContextMode.MASK_ONLY:
            kept = room
        case ContextMode.SECONDS:
            kept = min(max(round(context.seconds * rate), round(rate * _LEAST_CONTEXT), bounds.shortest), room)
        case _:
            preferred = round(endpoint.limits.prefer_seconds * rate) - mask.length
            kept = min(max(mask.length, round(_LEAST_CONTEXT * rate), preferred, bounds.shortest), room)
    excerpt = Region(mask.start - kept, mask.start) if late else Region(mask.end, mask.end + kept)
    told = max(unit.frames(unit.up(mask.length, rate), rate), math.ceil(unit.least * rate))
    sent = Region(mask.start, mask.start + told) if late else Region(mask.end - told, mask.end)
    why = f"Sends {_s(excerpt.length, rate)} of the clip; asks for {_s(told, rate)} more"
    gone = min(mask.end, length) - max(mask.start, 0)
    return Plan(excerpt, sent, why + (f", of which {_s(gone, rate)} replace what is there." if gone else "."))


def _why(excerpt: Region, mask: Region, sent: Region, length: int, rate: int, bounds: _Bounds, moved: int = 0) -> str:
    """One line for the waveform's context band."""
    left, right = mask.start - excerpt.start, excerpt.end - mask.end
    if excerpt == Region(0, length):
        words = [f"Sends the whole clip ({_s(length, rate)})"]
    elif not left and not right:
        words = [f"Sends the mask alone ({_s(excerpt.length, rate)})"]
    else:
        words = [f"Sends {_s(excerpt.length, rate)}: the mask, {_s(left, rate)} before and {_s(right, rate)} after it"]
        if bounds.longest is not None and excerpt.length >= bounds.longest:
            words.append("as much as the endpoint takes")
    if sent != mask and sent != excerpt:
        start, end = sent.moved(-moved).seconds(rate)
        words.append(f"asks for {start:.2f}–{end:.2f} s, the nearest that it can be told; only the mask is replaced")
    return "; ".join(words) + "."


def _s(frames: int, rate: int) -> str:
    """Seconds as they are read: 1.5 s, 120 s."""
    return f"{frames / rate:.2f}".rstrip("0").rstrip(".") + " s"
