"""What there is to tell about playing, in names and figures that may be shown to anybody: no path, no key."""

import platform
from typing import Any

from PySide6.QtCore import qVersion

from app import __version__
from app.session.feed import AHEAD, BLOCK
from app.session.player import Player
from app.sound.clip import Sound


def diagnosis(player: Player) -> tuple[tuple[str, str], ...]:
    """A name and a value each, in the order in which they are read."""
    output = player.output
    facts: list[tuple[str, str]] = [
        ("Retake", __version__),
        ("System", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        ("Python, Qt", f"{platform.python_version()}, {qVersion()}"),
    ]
    if output is None:
        facts.append(("Output", "nothing was played yet"))
    elif not output.name:
        facts.append(("Output", "a silent clock, because no device plays"))
    else:
        facts += [
            ("Output", output.name),
            ("Chosen", "the system's default" if player.device is None else "by name"),
            ("Device's rate", f"{output.rate} Hz"),
            ("Device's channels", str(output.channels)),
            ("Latency", f"{output.latency * 1000:.0f} ms"),
        ]
    rate = output.rate if output is not None else 44100
    facts += [
        ("Block", f"{BLOCK} frames, {BLOCK / rate * 1000:.1f} ms"),
        ("Prepared ahead", f"{AHEAD} blocks, {AHEAD * BLOCK / rate * 1000:.0f} ms"),
        ("Underruns", str(player.underruns)),
        ("Feeder's longest pause", f"{player.longest_pause * 1000:.0f} ms"),
        ("Speed", "half" if player.speed != 1 else "as it is"),
    ]
    if player.decks is not None:
        for name, deck, heard in zip("AB", player.decks, (player.deck == 0, player.deck == 1), strict=True):
            converted = output is not None and (deck.rate != output.rate or player.speed != 1)
            facts.append(
                (f"Deck {name}", _deck(deck) + (", converted" if converted else "") + (", heard" if heard else ""))
            )
    if player.reason:
        facts.append(("Said", player.reason))
    return tuple(facts)


def _deck(deck: Sound) -> str:
    segments: Any = getattr(deck, "segments", None)
    pieces = f" of {len(segments)} segment{'s' if len(segments) != 1 else ''}" if segments is not None else ""
    return f"{deck.length} frames{pieces}, {deck.rate} Hz, {deck.channels} channels"
