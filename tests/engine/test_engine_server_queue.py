"""The queue protocol over raw HTTP: every answer's code, keys and headers."""

import json
import os
import signal
import time
import uuid

import httpx
import pytest
from engine_fixture import start_engine


def test_submit_answers_with_four_urls_of_its_own_origin(http, sleep):
    answer = http.post("/retake/test-sleep", json={"seconds": 0})
    body = answer.json()
    base = f"{str(http.base_url).rstrip(chr(47))}/retake/test-sleep/requests/{body['request_id']}"
    assert answer.status_code == 200
    assert body["status"] == "IN_QUEUE"
    assert body["queue_position"] == 0
    assert body["response_url"] == base
    assert body["status_url"] == f"{base}/status"
    assert body["cancel_url"] == f"{base}/cancel"
    assert answer.headers["x-fal-request-id"] == body["request_id"]
    assert uuid.UUID(body["request_id"])


def test_status_is_202_while_running_and_200_when_done(http, sleep, ended):
    job = sleep(0.4, lines=2)
    running = http.get(job["status_url"])
    assert running.status_code == 202
    assert running.json()["status"] in ("IN_QUEUE", "IN_PROGRESS")
    done = ended(job)
    assert done.status_code == 200
    assert done.json()["metrics"]["inference_time"] >= 0.4
    assert {"request_id", "response_url", "status_url", "cancel_url"} <= done.json().keys()


def test_logs_come_only_when_asked_for(http, sleep, ended):
    job = sleep(0.0, lines=3)
    lines = ended(job).json()["logs"]
    assert [each["message"] for each in lines][-3:] == ["line 1 of 3", "line 2 of 3", "line 3 of 3"]
    assert set(lines[0]) == {"message", "level", "source", "timestamp"}
    for value in ("0", "false", None):
        answer = http.get(job["status_url"], params={} if value is None else {"logs": value})
        assert "logs" in answer.json()
        assert answer.json()["logs"] is None
    assert http.get(job["status_url"], params={"logs": "true"}).json()["logs"]


def test_logs_are_a_window_of_the_last_lines(sleep, ended):
    lines = ended(sleep(0.0, lines=250)).json()["logs"]
    assert len(lines) == 100
    assert lines[-1]["message"] == "line 250 of 250"


def test_the_result_is_the_output_itself(http, sleep, ended):
    job = sleep(0.1)
    ended(job)
    answer = http.get(job["response_url"])
    assert answer.status_code == 200
    assert answer.json() == {"slept": 0.1}
    assert answer.headers["x-fal-request-id"] == job["request_id"]
    assert answer.headers["x-fal-billable-units"] == "0"


def test_the_result_of_an_unfinished_job_is_400(http, sleep):
    job = sleep(5)
    answer = http.get(job["response_url"])
    assert (answer.status_code, answer.json()) == (400, {"detail": "Request is still in progress"})
    http.put(job["cancel_url"])


@pytest.mark.parametrize("tail", ["", "/", "/response", "/response/"])
@pytest.mark.parametrize("app", ["retake/inpaint", "retake/inpaint/"])
def test_paths_are_read_generously(http, tail, app):
    job = http.post(f"/{app}", json={}).json()
    wait = time.monotonic() + 5
    while http.get(job["status_url"] + "/").status_code == 202 and time.monotonic() < wait:
        time.sleep(0.01)
    assert http.get(job["response_url"] + tail).status_code == 422
    assert http.head(job["response_url"]).status_code == 422


def test_a_request_is_found_only_under_its_own_app(http, sleep):
    job = sleep(0)
    assert http.get(f"/retake/inpaint/requests/{job['request_id']}/status").status_code == 404
    assert http.get(f"/retake/test-sleep/requests/{job['request_id']}/status").status_code in (200, 202)


@pytest.mark.parametrize(
    ("method", "tail"), [("GET", ""), ("GET", "/status"), ("GET", "/status/stream"), ("PUT", "/cancel")]
)
def test_an_unknown_request_is_not_found(http, method, tail):
    answer = http.request(method, f"/retake/test-sleep/requests/{uuid.uuid4()}{tail}")
    assert (answer.status_code, answer.json()) == (404, {"status": "NOT_FOUND"})


def test_an_unknown_endpoint_is_not_found(http):
    answer = http.post("/retake/no-such-thing", json={})
    assert (answer.status_code, answer.json()) == (404, {"detail": "Path /retake/no-such-thing not found"})


def test_a_wrong_method_is_told(http, sleep):
    job = sleep(0)
    assert http.post(job["cancel_url"]).status_code == 405
    assert http.put(job["status_url"]).headers["allow"] == "GET"
    assert http.get("/retake/test-sleep").status_code == 405


def test_bad_input_is_taken_and_told_at_the_result(http, ended):
    submitted = http.post("/retake/test-sleep", json={"seconds": -1, "lines": "many"})
    assert submitted.status_code == 200
    status = ended(submitted.json())
    assert status.status_code == 200
    assert status.json()["error"]
    answer = http.get(submitted.json()["response_url"])
    assert answer.status_code == 422
    assert answer.headers["x-fal-retryable"] == "false"
    assert answer.headers["x-fal-needs-retry"] == "0"
    found = {each["loc"][1]: each for each in answer.json()["detail"]}
    assert found["seconds"]["type"] == "greater_than_equal"
    assert found["seconds"]["ctx"] == {"ge": 0}
    assert found["seconds"]["input"] == -1
    assert found["lines"]["loc"] == ["body", "lines"]
    assert found["lines"]["msg"]


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "3", "1e999", '{"seconds": 1e999}'])
def test_json_of_any_kind_ends_as_422(http, ended, body):
    submitted = http.post("/retake/test-sleep", content=body, headers={"Content-Type": "application/json"})
    ended(submitted.json())
    assert http.get(submitted.json()["response_url"]).status_code == 422


@pytest.mark.parametrize("body", ["", "{", '{"seconds": NaN}', "[" * 100_000, b"\xff"])
def test_what_is_no_json_is_refused_at_once(http, body):
    answer = http.post("/retake/test-sleep", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["x-fal-error-type"] == "bad_request"


def test_a_body_of_another_type_is_refused(http):
    # A page of any site may post text/plain without asking the browser.
    answer = http.post("/retake/test-sleep", content="{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 400


def test_a_failure_of_the_engine_is_a_model_error(http, sleep, ended):
    job = sleep(0, outcome="error")
    assert "error" in ended(job).json()
    answer = http.get(job["response_url"])
    assert answer.status_code == 500
    assert answer.json()["detail"][0]["type"] == "internal_server_error"
    assert answer.headers["x-fal-retryable"] == "true"
    assert "asked to fail" not in answer.text


@pytest.mark.parametrize("how", ["exit", "kill"])
def test_a_crash_is_a_failed_job_and_the_next_one_works(http, sleep, ended, how):
    if how == "exit":
        job = sleep(0, outcome="exit")
    else:
        job = sleep(30, lines=300)
        os.kill(_pid(http, job), signal.SIGKILL)
    status = ended(job)
    assert status.json()["error_type"] == "runner_server_error"
    answer = http.get(job["response_url"])
    assert answer.status_code == 500
    assert answer.json()["error_type"] == "runner_server_error"
    assert answer.headers["x-fal-error-type"] == "runner_server_error"
    after = sleep(0)
    ended(after)
    assert http.get(after["response_url"]).status_code == 200


def test_cancelling_a_running_job_kills_its_worker_at_once(http, sleep):
    job = sleep(60, lines=600)
    pid = _pid(http, job)
    begun = time.monotonic()
    answer = http.put(job["cancel_url"])
    status = http.get(job["status_url"])
    assert time.monotonic() - begun < 0.2
    assert (answer.status_code, answer.json()) == (202, {"status": "CANCELLATION_REQUESTED"})
    assert status.status_code == 200
    assert status.json()["error_type"] == "client_cancelled"
    _gone(pid)
    result = http.get(job["response_url"])
    assert result.status_code == 499
    assert result.json()["detail"] == "Request cancelled by the client."
    again = http.put(job["cancel_url"])
    assert (again.status_code, again.json()) == (400, {"status": "ALREADY_COMPLETED"})


def test_a_done_job_cannot_be_cancelled(http, sleep, ended):
    job = sleep(0)
    ended(job)
    answer = http.put(job["cancel_url"])
    assert (answer.status_code, answer.json()) == (400, {"status": "ALREADY_COMPLETED"})
    assert http.get(job["response_url"]).status_code == 200


def test_jobs_wait_in_order_and_a_waiting_one_can_be_cancelled(http, sleep, ended):
    busy = [sleep(60, lines=600) for _ in range(2)]
    for each in busy:
        _pid(http, each)
    waiting = [sleep(0) for _ in range(3)]
    assert [each["queue_position"] for each in waiting] == [0, 1, 2]
    states = [http.get(each["status_url"]).json() for each in waiting]
    assert [(each["status"], each["queue_position"]) for each in states] == [("IN_QUEUE", n) for n in range(3)]
    http.put(waiting[0]["cancel_url"])
    assert http.get(waiting[0]["response_url"]).status_code == 499
    assert http.get(waiting[2]["status_url"]).json()["queue_position"] == 1
    assert ended(waiting[0]).json()["error_type"] == "client_cancelled"
    http.put(busy[0]["cancel_url"])
    for each in waiting[1:]:
        ended(each)
        assert http.get(each["response_url"]).json() == {"slept": 0.0}
    http.put(busy[1]["cancel_url"])


def test_the_stream_follows_a_job_to_its_end(http, sleep):
    job = sleep(0.3, lines=3)
    with http.stream("GET", job["status_url"] + "/stream", params={"logs": 1}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = [json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: ")]
    states = [each["status"] for each in events]
    assert states[-1] == "COMPLETED"
    assert states == sorted(states, key=["IN_QUEUE", "IN_PROGRESS", "COMPLETED"].index)
    assert len(events) >= 4
    assert events[-1]["logs"][-1]["message"] == "line 3 of 3"


def test_a_job_that_does_not_start_in_time_ends_with_504(http, sleep, ended):
    busy = [sleep(60, lines=600) for _ in range(2)]
    late = http.post("/retake/test-sleep", json={}, headers={"X-Fal-Request-Timeout": "0.3"}).json()
    assert ended(late).json()["error_type"] == "request_timeout"
    answer = http.get(late["response_url"])
    assert answer.status_code == 504
    assert answer.headers["x-fal-request-timeout-type"] == "user"
    for each in busy:
        http.put(each["cancel_url"])
    assert http.post("/retake/test-sleep", json={}, headers={"X-Fal-Request-Timeout": "no"}).status_code == 400


def test_a_queue_length_that_the_client_sets_is_kept(http, sleep):
    busy = [sleep(60, lines=600) for _ in range(2)]
    for each in busy:
        _pid(http, each)
    first = http.post("/retake/test-sleep?fal_max_queue_length=1", json={"seconds": 0})
    second = http.post("/retake/test-sleep?fal_max_queue_length=1", json={"seconds": 0})
    assert first.status_code == 200
    assert second.status_code == 429
    assert second.headers["retry-after"] == "5"
    for each in busy:
        http.put(each["cancel_url"])


def test_the_fault_regress_queues_a_running_job_again_once(http, sleep):
    job = sleep(60, fault="regress", lines=600)
    seen: list[str] = []
    deadline = time.monotonic() + 15
    while seen.count("IN_PROGRESS") < 4 and time.monotonic() < deadline:
        seen.append(http.get(job["status_url"]).json()["status"])
    begun = seen.index("IN_PROGRESS")
    assert seen[begun:] == ["IN_PROGRESS", "IN_QUEUE", "IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS"]
    http.put(job["cancel_url"])


def test_the_fault_stubborn_finishes_in_spite_of_a_cancel(http, sleep, ended):
    job = sleep(0.3, fault="stubborn")
    assert http.put(job["cancel_url"]).status_code == 202
    ended(job)
    assert http.get(job["response_url"]).json() == {"slept": 0.3}


def test_the_fault_early_422_refuses_at_submit(http):
    answer = http.post("/retake/test-sleep", json={"seconds": -1}, headers={"X-Retake-Fault": "early-422"})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "seconds"]


def test_without_the_switch_there_are_no_faults_and_no_test_endpoints(tmp_path):
    with start_engine(tmp_path) as engine, httpx.Client(base_url=engine.url, headers=engine.headers) as client:
        assert client.post("/retake/test-sleep", json={}).status_code == 404
        assert client.post("/retake/inpaint", json={}, headers={"X-Retake-Fault": "early-422"}).status_code == 200


def test_results_are_forgotten_after_their_time_and_long_jobs_are_ended(tmp_path):
    with (
        start_engine(tmp_path, test_endpoints=True, retention=0.5, job_seconds=0.7) as engine,
        httpx.Client(base_url=engine.url, headers=engine.headers) as client,
    ):
        long = client.post("/retake/test-sleep", json={"seconds": 60, "lines": 600}).json()
        deadline = time.monotonic() + 10
        while (status := client.get(long["status_url"])).status_code == 202 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert status.json()["status"] == "COMPLETED"
        answer = client.get(long["response_url"])
        assert answer.status_code == 504
        assert answer.json()["detail"][0]["type"] == "generation_timeout"
        uploaded = client.post("/files/upload", content=b"x" * 1000).json()["access_url"]
        time.sleep(1.0)
        forgotten = client.get(long["response_url"])
        assert (forgotten.status_code, forgotten.json()) == (404, {"status": "NOT_FOUND"})
        assert client.get(uploaded).status_code == 404
        assert [each for each in engine.data.rglob("*") if each.is_file() and each.name != "lock"] == []


def _pid(client: httpx.Client, job: dict) -> int:
    """The process that works on a sleeping job, which tells it in its log."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        for line in client.get(job["status_url"], params={"logs": 1}).json().get("logs") or []:
            if line["message"].startswith("pid "):
                return int(line["message"][4:])
        time.sleep(0.02)
    raise AssertionError("the job does not start")


def _gone(pid: int) -> None:
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise AssertionError(f"process {pid} lives on")
