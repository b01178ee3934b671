"""A request as others can run it: a curl command, Python, JSON. Never with a key: only with the name of one."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from typing import Final
from urllib.parse import quote

from app.endpoints.fields import Json
from app.endpoints.request import Request
from app.endpoints.roles import with_value

FAL_QUEUE: Final = "https://queue.fal.run"
_UNSEEN: Final = re.compile(r"[^\n -~]")
_WIDTH: Final = 100


class Spelling(StrEnum):
    """The languages that a request can be copied in."""

    CURL = "curl"
    PYTHON = "Python"
    JSON = "JSON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is posted, and where.

    `key` names the environment variable that holds the host's key, empty where the host wants none: each host has one
    of its own, or a command that is pasted would hand one host's key to another. With a `proxy_url` the proxy knows it.
    """

    endpoint: str
    body: Mapping[str, Json]
    queue_url: str = FAL_QUEUE
    key: str = "FAL_KEY"
    proxy_url: str | None = None

    @property
    def target(self) -> str:
        """The address that takes the submit."""
        return f"{self.queue_url}/{quote(self.endpoint)}"

    @property
    def _shows_key(self) -> bool:
        return bool(self.key) and self.proxy_url is None

    def spelled(self, spelling: Spelling) -> str:
        """The call in that language."""
        match spelling:
            case Spelling.CURL:
                return self.as_curl()
            case Spelling.PYTHON:
                return self.as_python()
            case Spelling.JSON:
                return self.as_json()

    def as_curl(self) -> str:
        """The submit as a command for a POSIX shell; its answer tells the URLs of status and result."""
        headers = ["Content-Type: application/json"]
        if self.proxy_url is not None:
            headers.insert(0, f"x-fal-target-url: {self.target}")
        lines = [f"curl --request POST {shlex.quote(self.proxy_url or self.target)}"]
        if self._shows_key:
            lines.append(f'--header "Authorization: Key ${self.key}"')
        lines += [f"--header {shlex.quote(each)}" for each in headers]
        lines.append(f"--data-raw {shlex.quote(_json(dict(self.body)))}")
        return " \\\n  ".join(lines) + "\n"

    def as_python(self) -> str:
        """A script that submits, waits, and prints the result: with fal's own client for fal, with httpx for others."""
        if self.queue_url == FAL_QUEUE and self.proxy_url is None:
            return (
                "import fal_client  # pip install fal-client; it takes the key from FAL_KEY\n\n"
                f"handle = fal_client.submit(\n    {_text(self.endpoint)},\n    {_literal(dict(self.body), 1)},\n)\n"
                "print(handle.get())\n"
            )
        submit, status, response = (
            url if self.proxy_url is None else f'proxy, headers={{"x-fal-target-url": {url}}}'
            for url in (_text(self.target), 'job["status_url"]', 'job["response_url"]')
        )
        client = 'headers={"Authorization": f"Key {key}"}, timeout=60' if self._shows_key else "timeout=60"
        return "\n".join(
            (
                *(("import os",) if self._shows_key else ()),
                "import time\n\nimport httpx  # pip install httpx\n",
                *((f"key = os.environ[{_text(self.key)}]",) if self._shows_key else ()),
                *((f"proxy = {_text(self.proxy_url)}",) if self.proxy_url is not None else ()),
                f"body = {_literal(dict(self.body), 0)}",
                f"with httpx.Client({client}) as client:",
                f"    job = client.post({submit}, json=body).raise_for_status().json()",
                f'    while client.get({status}).raise_for_status().json()["status"] != "COMPLETED":',
                "        time.sleep(1)",
                f"    print(client.get({response}).raise_for_status().json())\n",
            )
        )

    def as_json(self) -> str:
        """The endpoint's id and its params."""
        return _json({"endpoint": self.endpoint, "params": dict(self.body)}) + "\n"


def call_of(
    request: Request,
    base: str,
    *,
    queue_url: str = FAL_QUEUE,
    key: str = "FAL_KEY",
    proxy_url: str | None = None,
) -> Call:
    """The call that a request makes. What was uploaded stands as words in place of its URL, as URLs expire.

    `base` is what the excerpt was cut from, as a sentence names it: "take 2", "the original".
    """
    body = dict(request.params)
    if request.source_field is not None:
        start, end = request.excerpt.seconds(request.rate)
        body = with_value(body, request.source_field, f"<URL of the excerpt: {start:.2f}–{end:.2f} s of {base}>")
    for path, file in request.attachments.items():
        # The name alone: the folders of this machine are nobody's business.
        body = with_value(body, path, f"<URL of the file {PurePath(file).name}>")
    return Call(endpoint=request.endpoint, body=body, queue_url=queue_url, key=key, proxy_url=proxy_url)


def _json(value: Json) -> str:
    """Indented JSON in readable letters; what cannot be seen, and could hide in a command, stands escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return _UNSEEN.sub(lambda each: each[0] if each[0].isprintable() else json.dumps(each[0])[1:-1], text)


def _text(value: str) -> str:
    """A string as Python writes it, in double quotes where nothing speaks against them."""
    return repr(value) if "'" in value or '"' in value else f'"{repr(value)[1:-1]}"'


def _literal(value: Json, depth: int) -> str:
    """The value as Python writes it, one entry a line where it would be long."""
    if isinstance(value, dict):
        entries = [f"{_text(name)}: {_literal(each, depth + 1)}" for name, each in value.items()]
        ends = "{}"
    elif isinstance(value, list):
        entries = [_literal(each, depth + 1) for each in value]
        ends = "[]"
    else:
        return _text(value) if isinstance(value, str) else repr(value)
    line = f"{ends[0]}{', '.join(entries)}{ends[1]}"
    if len(line) + 4 * depth <= _WIDTH and "\n" not in line and (depth > 1 or not entries):
        return line
    inner = "".join(f"{'    ' * (depth + 1)}{each},\n" for each in entries)
    return f"{ends[0]}\n{inner}{'    ' * depth}{ends[1]}"
