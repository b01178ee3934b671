"""Requests copied as curl, Python and JSON: run as they are pasted, against the real engine, and read back."""

import ast
import base64
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from app.endpoints.fields import Json
from app.endpoints.request import Kind, Request
from app.endpoints.spelled import Call, Spelling, call_of
from app.session.engine_process import EngineProcess
from app.sound.clip import Clip
from app.sound.region import Region

INPAINT = "retake/inpaint"
NASTY = 'it\'s a "hit"\n$HOME `id` $(id) \\ \\n !! %s {} [a-z] é 🥁 \x7f\u202e\'\'\' """ #'


class Listener(BaseHTTPRequestHandler):
    """Takes anything that is posted, and keeps it."""

    heard: list[tuple[str, Mapping[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append((self.path, dict(self.headers.items()), body))
        here = f"http://{self.headers['Host']}"
        self._answer({"status_url": f"{here}/status", "response_url": f"{here}/response"})

    def do_GET(self) -> None:
        self.heard.append((self.path, dict(self.headers.items()), b""))
        self._answer({"status": "COMPLETED"})

    def _answer(self, told: dict[str, str]) -> None:
        answer = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def listener() -> "Iterator[tuple[str, list[tuple[str, Mapping[str, str], bytes]]]]":
    heard: list[tuple[str, Mapping[str, str], bytes]] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Hearing", (Listener,), {"heard": heard})) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", heard
        server.shutdown()
        thread.join()


def run(*command: str, text: str = "", **environment: str) -> str:
    """What a program says, in an environment that has no key but the ones given."""
    bare = {name: value for name, value in os.environ.items() if "KEY" not in name and "PROXY" not in name.upper()}
    done = subprocess.run(
        command, input=text, env={**bare, **environment}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# Stands in where there is no curl; the shell has still read the command.
_STAND_IN = """
import sys, httpx
url, headers, body = sys.argv[3], {}, ""
for option, value in zip(sys.argv[4::2], sys.argv[5::2]):
    if option == "--header":
        headers.update([value.split(": ", 1)])
    else:
        body = value
print(httpx.request(sys.argv[2], url, headers=headers, content=body.encode()).text)
"""


def run_curl(command: str, **environment: str) -> str:
    """What a shell answers to the command as it is pasted."""
    if shutil.which("curl") is None:
        command = f'curl() {{ {shlex.join([sys.executable, "-c", _STAND_IN])} "$@"; }}\n{command}'
    return run("sh", "-s", text=command, **environment)


def inpaint_of(music: Clip, engine: EngineProcess) -> Call:
    """A call that the engine can answer: a second and a half of sound, a mask in its middle."""
    file = io.BytesIO()
    soundfile.write(file, music.read(0, 66150), 44100, format="WAV", subtype="PCM_16")
    source = "data:audio/wav;base64," + base64.b64encode(file.getvalue()).decode()
    body: dict[str, Json] = {"audio_url": source, "mask_start_seconds": 0.5, "mask_end_seconds": 0.9, "seed": 3}
    return Call(endpoint=INPAINT, body=body, queue_url=engine.connection.queue_url, key="RETAKE_KEY")


def key_of(engine: EngineProcess) -> str:
    assert engine.connection.key is not None
    return engine.connection.key.reveal()


def test_the_curl_command_starts_a_job_at_the_real_engine(music: Clip, engine: EngineProcess) -> None:
    call = inpaint_of(music, engine)
    command = call.as_curl()
    assert key_of(engine) not in command
    with httpx.Client(headers={"Authorization": f"Key {key_of(engine)}"}) as client:
        stored = client.post(
            f"{engine.connection.queue_url}/files/upload",
            content=base64.b64decode(str(call.body["audio_url"]).partition(",")[2]),
            headers={"Content-Type": "audio/wav"},
        ).json()["access_url"]
        # A shell takes no such long argument; a real excerpt goes by its URL too.
        command = command.replace(str(call.body["audio_url"]), stored)
        answer = json.loads(run_curl(command, RETAKE_KEY=key_of(engine)))
        deadline = time.monotonic() + 30
        while client.get(answer["status_url"]).json()["status"] != "COMPLETED" and time.monotonic() < deadline:
            time.sleep(0.05)
        result = client.get(answer["response_url"])
    assert result.status_code == 200, result.text
    assert result.json()["seed"] == 3


def test_the_script_gets_a_result_from_the_real_engine(music: Clip, engine: EngineProcess) -> None:
    script = inpaint_of(music, engine).as_python()
    assert "import httpx" in script
    assert key_of(engine) not in script
    told = ast.literal_eval(run(sys.executable, "-", text=script, RETAKE_KEY=key_of(engine)))
    assert told["seed"] == 3
    assert told["audio"]["url"].startswith("http")


def test_fals_own_client_runs_its_script(music: Clip, engine: EngineProcess) -> None:
    call = inpaint_of(music, engine)
    script = Call(endpoint=call.endpoint, body=call.body).as_python()
    assert script.startswith("import fal_client")
    here = f"import fal_client.client\nfal_client.client.QUEUE_URL_FORMAT = {engine.connection.queue_url + '/'!r}\n"
    told = ast.literal_eval(run(sys.executable, "-", text=here + script, FAL_KEY=key_of(engine)))
    assert told["seed"] == 3


def test_what_a_shell_would_read_arrives_as_it_was_typed(
    listener: tuple[str, list[tuple[str, Mapping[str, str], bytes]]],
) -> None:
    url, heard = listener
    body: dict[str, Json] = {"prompt": NASTY, "n": 1.0, "seed": 2**63, "on": True, "none": None, "more": [{"a": []}]}
    call = Call(endpoint="house/thing/it's [1-3]{a,b}", body=body, queue_url=url, key="SOME_KEY")
    run_curl(call.as_curl(), SOME_KEY="id:secret")
    run(sys.executable, "-", text=call.as_python(), SOME_KEY="id:secret")
    (path, headers, by_curl), (_, _, by_python) = heard[:2]
    assert path == "/house/thing/it%27s%20%5B1-3%5D%7Ba%2Cb%7D"
    assert headers["Authorization"] == "Key id:secret"
    assert headers["Content-Type"] == "application/json"
    for sent in (by_curl, by_python):
        found = json.loads(sent)
        assert found == body
        assert isinstance(found["n"], float)


def test_through_a_proxy_no_key_goes_along(listener: tuple[str, list[tuple[str, Mapping[str, str], bytes]]]) -> None:
    url, heard = listener
    call = Call(endpoint="fal-ai/thing", body={"prompt": "x"}, proxy_url=f"{url}/proxy")
    run_curl(call.as_curl(), FAL_KEY="id:secret")
    run(sys.executable, "-", text=call.as_python(), FAL_KEY="id:secret")
    targets = [headers["x-fal-target-url"] for _, headers, _ in heard]
    assert targets == [
        *["https://queue.fal.run/fal-ai/thing"] * 2,
        f"{url}/status",
        f"{url}/response",
    ]
    assert all(path == "/proxy" and "Authorization" not in headers for path, headers, _ in heard)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=6), json_values, max_size=4))
def test_every_body_reads_back_as_itself(body: dict[str, Json]) -> None:
    call = Call(endpoint="house/thing", body=body)
    words = shlex.split(call.as_curl())
    assert json.loads(words[words.index("--data-raw") + 1]) == body
    assert json.loads(call.as_json()) == {"endpoint": "house/thing", "params": body}
    sent = next(each for each in ast.walk(ast.parse(call.as_python())) if isinstance(each, ast.Call))
    assert repr(ast.literal_eval(sent.args[1])) == repr(body)
    other = Call(endpoint="house/thing", body=body, queue_url="http://127.0.0.1:1", key="RETAKE_KEY").as_python()
    kept = [each for each in ast.walk(ast.parse(other)) if isinstance(each, ast.Assign)]
    named = {each.targets[0].id: each.value for each in kept if isinstance(each.targets[0], ast.Name)}
    assert repr(ast.literal_eval(named["body"])) == repr(body)
    for text in (call.as_curl(), call.as_python(), other):
        text.encode("utf-8")  # fit for the clipboard
        assert all(each.isprintable() or each == "\n" for each in text)


@pytest.mark.parametrize("spelling", list(Spelling))
def test_half_a_letter_does_not_keep_the_text_from_the_clipboard(spelling: Spelling) -> None:
    text = Call(endpoint="house/thing", body={"prompt": "a\ud800b"}).spelled(spelling)
    assert r"a\ud800b" in text.encode("utf-8").decode()


def test_each_host_has_a_key_of_its_own_name() -> None:
    assert "$FAL_KEY" in Call(endpoint="fal-ai/x", body={}).as_curl()
    own = Call(endpoint="house/x", body={}, queue_url="https://studio.example", key="RETAKE_KEY")
    for spelling in Spelling:
        assert "FAL_KEY" not in own.spelled(spelling)


def test_a_host_without_a_key_is_shown_none(listener: tuple[str, list[tuple[str, Mapping[str, str], bytes]]]) -> None:
    url, heard = listener
    call = Call(endpoint="house/x", body={}, queue_url=url, key="")
    run_curl(call.as_curl())
    run(sys.executable, "-", text=call.as_python())
    assert len(heard) == 4
    assert all("Authorization" not in headers for _, headers, _ in heard)


def test_uploads_are_words_and_say_nothing_of_this_machine() -> None:
    request = Request(
        endpoint="house/thing",
        connection="fal",
        kind=Kind.FILL,
        params={"prompt": "a hit", "loras": [{"scale": 1.0}]},
        mask=Region(200_000, 300_000),
        excerpt=Region(144_000, 441_000),
        rate=45_000,
        source_field="input.audio_url",
        attachments={"loras[].path": "/home/somebody/secret project/drums.safetensors"},
    )
    call = call_of(request, "take 2")
    assert call.body == {
        "prompt": "a hit",
        "input": {"audio_url": "<URL of the excerpt: 3.20–9.80 s of take 2>"},
        "loras": [{"scale": 1.0, "path": "<URL of the file drums.safetensors>"}],
    }
    assert all("somebody" not in call.spelled(each) for each in Spelling)
