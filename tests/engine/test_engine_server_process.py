"""The engine as a process: its greeting, its ends, and what it leaves behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from engine_fixture import start_engine

from app.engine.scratch import own_folder
from app.errors import EngineError

ROOT = Path(__file__).parents[2]
MODULE = [sys.executable, "-m", "app.engine.serve"]


def test_it_greets_with_one_line_of_json_and_nothing_else(tmp_path):
    with start_engine(tmp_path, test_endpoints=True) as engine:
        job = httpx.post(f"{engine.url}/retake/test-sleep", json={"seconds": 0}, headers=engine.headers).json()
        assert httpx.get(job["status_url"], headers=engine.headers).status_code in (200, 202)
        engine.process.stdin.close()
        rest = engine.process.stdout.read()
        assert engine.process.wait(10) == 0
        assert rest == ""
        assert engine.url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("how", ["stop", "terminate"])
def test_it_ends_cleanly_with_its_workers_and_files(tmp_path, how):
    with start_engine(tmp_path, test_endpoints=True) as engine:
        worker = _busy_worker(engine)
        with httpx.stream("GET", _last_status(engine) + "/stream", headers=engine.headers, timeout=20) as stream:
            begun = time.monotonic()
            assert getattr(engine, how)() == 0
            assert time.monotonic() - begun < 4
            events = [line for line in stream.iter_lines() if line.startswith("data: ")]
        assert json.loads(events[-1][6:])["status"] == "COMPLETED"
        assert _ended(worker)
        assert list(engine.data.iterdir()) == []
        assert engine.key not in engine.log.read_text()


def test_killed_it_takes_its_workers_along_and_the_next_one_tidies_up(tmp_path):
    with start_engine(tmp_path, test_endpoints=True) as engine:
        worker = _busy_worker(engine)
        engine.kill()
        assert _ended(worker)
        left = list(engine.data.iterdir())
        assert len(left) == 1
        with own_folder(engine.data) as fresh:
            assert list(engine.data.iterdir()) == [fresh]


def test_a_living_engines_folder_is_not_swept(tmp_path):
    with own_folder(tmp_path) as first, own_folder(tmp_path) as second:
        assert {first, second} == set(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []


def test_it_ends_when_its_parent_is_gone(tmp_path):
    script = (
        "import subprocess, sys, os, time\n"
        f"p = subprocess.Popen([*{MODULE!r}, '--parent-pid', str(os.getpid()), '--data', {str(tmp_path)!r}],"
        " stdout=subprocess.PIPE, text=True)\n"
        "p.stdout.readline(); print(p.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert parent.stdout is not None
    engine = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert _ended(engine)
    assert list(tmp_path.iterdir()) == []


def test_others_may_reach_it_only_with_a_key():
    done = _fails("--host", "0.0.0.0")
    assert "a key is needed" in done


def test_a_port_that_is_taken_is_told_in_a_sentence(engine_server):
    port = engine_server.url.rsplit(":", 1)[1]
    assert f"cannot listen on 127.0.0.1 port {port}: it is taken" in _fails("--port", port)


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    assert "cannot write to" in _fails("--data", str(tmp_path / "file"))
    with pytest.raises(EngineError), own_folder(tmp_path / "file"):
        pass


def test_a_missing_key_file_is_told_in_a_sentence(tmp_path):
    assert "cannot be read" in _fails("--key-file", str(tmp_path / "none"))


def test_it_serves_another_address_with_a_key(tmp_path):
    with start_engine(tmp_path, host="0.0.0.0") as engine:
        assert engine.url.startswith("http://127.0.0.1:")
        assert httpx.get(f"{engine.url}/v1/models", headers=engine.headers).status_code == 200
        studio = {**engine.headers, "Host": "10.1.2.3:80"}
        assert httpx.get(f"{engine.url}/v1/models", headers=studio).status_code == 200
        assert httpx.get(f"{engine.url}/v1/models", headers={**studio, "Host": "evil.example"}).status_code == 400


def _fails(*options: str) -> str:
    done = subprocess.run([*MODULE, *options], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    return done.stderr


_status: dict[int, str] = {}


def _busy_worker(engine) -> int:
    """The process id of a worker that sleeps long, and says nothing meanwhile by which it would notice a lost pipe."""
    body = {"seconds": 60, "lines": 1}
    job = httpx.post(f"{engine.url}/retake/test-sleep", json=body, headers=engine.headers).json()
    _status[engine.process.pid] = job["status_url"]
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        lines = httpx.get(job["status_url"], params={"logs": 1}, headers=engine.headers).json().get("logs") or []
        for line in lines:
            if line["message"].startswith("pid "):
                return int(line["message"][4:])
        time.sleep(0.02)
    raise AssertionError("the job does not start")


def _last_status(engine) -> str:
    return _status[engine.process.pid]


def _ended(pid: int, seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    return False
