"""Take: one version of the clip: what it was made from, what was asked, and the patch that came back."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

from app.endpoints.request import Request
from app.sound.clip import Clip
from app.sound.region import Region

TakeId = NewType("TakeId", str)


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known of the run that made a take; empty strings and None where the host did not say."""

    connection: str = ""
    request_id: str = ""
    seed: int | None = None
    elapsed: float | None = None
    billed_units: float | None = None
    delay_ms: float = 0.0
    gain_db: float = 0.0
    confidence: float | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """One version: `patch` replaces exactly `region` of what `parent` (None: the original) sounds like.

    `number` is given once and never used again. The patch has the clip's rate and channels and, as long as takes
    keep the clip's length, exactly the region's length; its seams are already in it.
    """

    id: TakeId
    number: int
    parent: TakeId | None
    request: Request
    region: Region
    patch: Clip
    facts: RunFacts
    created: datetime
