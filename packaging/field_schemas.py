"""One function per kind of field: its schema as the hosts write it, with our words."""

Json = dict[str, object]


def text(words: str, default: str | None = None, *examples: str) -> Json:
    told: Json = {"type": "string", "description": words}
    if default is not None:
        told["default"] = default
    return {**told, "examples": list(examples)} if examples else told


def number(words: str, low: float | None, high: float | None, default: float | None = None, kind="number") -> Json:
    told: Json = {"type": kind}
    told |= {name: each for name, each in (("minimum", low), ("maximum", high)) if each is not None}
    told["description"] = words
    return told if default is None else {**told, "default": default}


def whole(words: str, low: int | None = None, high: int | None = None, default: int | None = None) -> Json:
    return number(words, low, high, default, "integer")


def choice(words: str, default: str, *choices: str) -> Json:
    return {"type": "string", "enum": list(choices), "default": default, "description": words}


def flag(words: str, default: bool | None = None) -> Json:
    told: Json = {"type": "boolean", "description": words}
    return told if default is None else {**told, "default": default}


def or_null(told: Json) -> Json:
    """Null as pydantic tells it: type and limits go into a branch, words and default stay outside."""
    outside = {name: told[name] for name in ("description", "default") if name in told}
    inside = {name: each for name, each in told.items() if name not in outside}
    return {"anyOf": [inside, {"type": "null"}], **outside}


def file(words: str) -> Json:
    return {"$ref": "#/components/schemas/File", "description": words}
