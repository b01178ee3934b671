"""What a field takes, in few words: its limits and its default, and how files of each kind are called."""

from __future__ import annotations  # Json is a name in quotes: it holds itself

import json

from PySide6.QtCore import QCoreApplication

from app.endpoints.fields import ArrayField, Field, FileField, Json, NumberField, TextField, Unset

_LONG = 18
_SOUNDS = "*.wav *.flac *.aif *.aiff *.mp3 *.ogg *.opus *.m4a *.aac"


def _tr(text: str) -> str:
    return QCoreApplication.translate("FieldWords", text)

_STORED = 2**31 - 1


def number_words(value: float) -> str:
    """A number as people write it: whole ones whole, a true minus, no needless digits."""
    whole = isinstance(value, int) or value == int(value)
    text = str(int(value)) if whole and abs(value) < 1e15 else f"{value:.6g}"
    return text.replace("-", "−")


def size_words(size: float) -> str:
    """Bytes as kB, MB or GB."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return _tr("{0} bytes").format(round(size))


def _span(low: str | None, high: str | None, unit: str = "") -> str:
    """ "1–8", "at least 1", "at most 8" with a unit behind, or nothing."""
    if low is not None and high is not None:
        if low == high:
            words = _tr("exactly {0}").format(low)
        else:
            words = f"{low} to {high}" if low.startswith("−") else f"{low}–{high}"
    elif low is not None:
        words = _tr("at least {0}").format(low)
    elif high is not None:
        words = _tr("up to {0}").format(high)
    else:
        return ""
    return f"{words} {unit}".strip()


def _number_limits(field: NumberField) -> str:
    # What only says how large a number can be stored is no limit to anybody.
    low, high = (None if each is None or abs(each) >= _STORED else each for each in (field.minimum, field.maximum))
    parts = [_span(None if low is None else number_words(low), None if high is None else number_words(high))]
    if field.exclusive_minimum is not None:
        parts.append(_tr("above {0}").format(number_words(field.exclusive_minimum)))
    if field.exclusive_maximum is not None:
        parts.append(_tr("below {0}").format(number_words(field.exclusive_maximum)))
    if field.multiple_of is not None and not (field.integer and field.multiple_of == 1):
        parts.append(_tr("multiples of {0}").format(number_words(field.multiple_of)))
    return ", ".join(each for each in parts if each)


def limits(field: Field) -> str:
    """What the schema allows; nothing where it allows anything."""
    if isinstance(field, NumberField):
        return _number_limits(field)
    if isinstance(field, TextField):
        low, high = field.min_length, field.max_length
        return _span(str(low) if low else None, None if high is None else str(high), _tr("characters"))
    if isinstance(field, ArrayField):
        low, high = field.min_items, field.max_items
        return _span(str(low) if low else None, None if high is None else str(high), _tr("entries"))
    if isinstance(field, FileField):
        low, high = field.min_seconds, field.max_seconds
        seconds = _span(number_words(low) if low else None, number_words(high) if high else None, _tr("s"))
        most = _tr("up to {0}").format(size_words(field.max_bytes)) if field.max_bytes is not None else ""
        return ", ".join(each for each in (seconds, most) if each)
    return ""


def value_words(value: Json) -> str:
    """A value as it is read: yes, no, a number, text; lists and objects as JSON."""
    if isinstance(value, bool):
        return _tr("yes") if value else _tr("no")
    if isinstance(value, int | float):
        return number_words(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def facts(field: Field) -> str:
    """Limits and default in one line: "1–100, default 8"; and whether the field is on its way out."""
    parts = [limits(field)]
    default = field.default
    if not isinstance(default, Unset) and default is not None and default not in ("", [], {}):
        words = " ".join(value_words(default).split())
        if len(words) <= _LONG:
            parts.append(_tr("default {0}").format(words))
    if field.deprecated:
        parts.append(_tr("deprecated"))
    return ", ".join(each for each in parts if each)


def media_words(media: str) -> tuple[str, str]:
    """How a file of that kind is called, and the file dialog's pattern for it."""
    known = {
        "audio": (_tr("sound file"), _SOUNDS),
        "archive": (_tr("zip archive"), "*.zip"),
        "image": (_tr("picture"), "*.png *.jpg *.jpeg *.webp"),
        "video": (_tr("video"), "*.mp4 *.mov *.webm *.mkv"),
        "weights": (_tr("weights file"), "*.safetensors *.ckpt *.pt"),
        "data": (_tr("data file"), "*.json *.yaml *.txt *.mid"),
    }
    return known.get(media, (_tr("file"), ""))


def dialog_filter(media: str) -> str:
    """The file dialog's filter for that kind; any file can be shown all the same."""
    words, patterns = media_words(media)
    every = _tr("All files (*)")
    return f"{words[0].upper()}{words[1:]} ({patterns});;{every}" if patterns else every
