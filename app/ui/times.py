"""Times as people read and type them; seconds exist only here and at the schema."""

import re

_TIME = re.compile(r"([-−])?(?:(?:(\d+):)?(\d{1,4}):)?(\d+(?:\.\d*)?|\.\d+)\Z")


def format_time(seconds: float, decimals: int = 3) -> str:
    """mm:ss.mmm, with hours only where there are any: 3.2 becomes 00:03.200, before the clip −00:01.000."""
    step = 10**decimals
    ticks = round(abs(seconds) * step)
    whole, fraction = divmod(ticks, step)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    sign = "−" if seconds < 0 and ticks else ""
    text = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute:02}:{second:02}"
    return f"{sign}{text}.{fraction:0{decimals}}" if decimals else sign + text


def parse_time(text: str) -> float | None:
    """Seconds from "3.2", "3,2 s", "0:03.2", "1:02:03", "250 ms" or "-1"; None where that is no time."""
    clean = text.strip().lower().replace(",", ".")
    factor = 1.0
    if clean.endswith("ms"):
        clean, factor = clean[:-2].rstrip(), 0.001
    elif clean.endswith("s"):
        clean = clean[:-1].rstrip()
    match = _TIME.match(clean)
    if match is None:
        return None
    sign, hours, minutes, seconds = match.groups()
    if minutes is not None and (float(seconds) >= 60 or factor != 1.0 or (hours is not None and int(minutes) >= 60)):
        return None
    value = (int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds)) * factor
    return -value if sign and value else value


def format_gain(seconds: float) -> str:
    """By how much a clip gets longer: +3.20 s."""
    return f"+{seconds:.2f} s"
