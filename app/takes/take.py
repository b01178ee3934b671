"""Take: one version of the clip: what it was made from, what was asked, and the patch that came back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

from app.endpoints.fields import Json
from app.endpoints.request import Request
from app.sound.clip import Clip
from app.sound.region import Region

TakeId = NewType("TakeId", str)


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known of the run that made a take; empty strings and None where the host did not say.

    `label` tells one sound of a result from its others ("vocals"); `used` is what the host says it took instead of
    what was asked: the prompt as it was expanded, the tags that it heard.
    """

    connection: str = ""
    request_id: str = ""
    seed: int | None = None
    elapsed: float | None = None
    billed_units: float | None = None
    delay_ms: float = 0.0
    gain_db: float = 0.0
    confidence: float | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)
    label: str = ""
    used: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """One version: `patch` replaces exactly `region` of what `parent` (None: the original) sounds like.

    `number` is given once and never used again. The patch has the clip's rate and channels, its seams are already in
    it, and where it is longer or shorter than the region, so is the version than its parent.
    """

    id: TakeId
    number: int
    parent: TakeId | None
    request: Request
    region: Region
    patch: Clip
    facts: RunFacts
    created: datetime

    @property
    def landed(self) -> Region:
        """Where the patch lies, in frames of this version."""
        return Region(self.region.start, self.region.start + self.patch.length)

    @property
    def remade(self) -> Region:
        """What was asked for, in frames of this version: where the patch lies, less what a crossfade outside took."""
        asked, landed = self.request.replaced, self.landed
        start = landed.start + max(asked.start - self.region.start, 0)
        return Region(start, max(landed.end - max(self.region.end - asked.end, 0), start))
