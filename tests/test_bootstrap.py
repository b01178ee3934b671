"""The two commands: what they find missing, what they say, that a second start does nothing. Nothing is installed."""

import ast
import importlib.util
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "packaging" / "bootstrap.py"
# Stands in for .venv's Python: writes down what it is asked for, and does none of it.
RECORDER = """#!/bin/sh
echo "$*" >> {log}
case "$*" in *purelib*) echo {site};; esac
"""


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, with a .venv of its own that is not there yet and no way to the system's packages."""
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(module, "loads", lambda library: True)
    monkeypatch.setattr(module.subprocess, "call", refuse)
    return module


def refuse(command: list[str], **_: object) -> int:
    raise AssertionError(f"this was not to be run: {command}")


class Asked:
    """Remembers the commands that were to be run, makes what venv would make, and gives each its exit code."""

    def __init__(self, bootstrap: ModuleType, fail: str = "") -> None:
        self.commands: list[str] = []
        self._bootstrap, self._fail = bootstrap, fail
        self.log = bootstrap.VENV.parent / "log"

    def __call__(self, command: list[str], **_: object) -> int:
        self.commands.append(" ".join(command))
        if self._fail and self._fail in self.commands[-1]:
            return 1
        if command[1:3] == ["-m", "venv"]:
            python, site = self._bootstrap.PYTHON, self._bootstrap.VENV / "site"
            python.parent.mkdir(parents=True)
            site.mkdir()
            python.write_text(RECORDER.format(log=self.log, site=site))
            python.chmod(0o755)
        return 0


@pytest.fixture
def ask(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Asked]:
    """Put a recorder in the place of everything that would be run."""

    def put(fail: str = "") -> Asked:
        asked = Asked(bootstrap, fail)
        monkeypatch.setattr(bootstrap.subprocess, "call", asked)
        return asked

    return put


# -- what is run -------------------------------------------------------------------------------------------------------


def start(*arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-B", str(SCRIPT), *arguments],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("arguments", [(), ("frobnicate",), ("--help",)])
def test_misuse_shows_the_usage_and_ends_with_two(arguments: tuple[str, ...]) -> None:
    told = start(*arguments)
    assert told.returncode == 2
    assert told.stdout.startswith(
        "usage: python3 packaging/bootstrap.py run [FILE…] | test [PYTEST ARGUMENTS] | setup\n"
    )
    assert told.stderr == ""


def test_it_needs_nothing_but_the_standard_library() -> None:
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-B", str(SCRIPT)], capture_output=True, text=True, timeout=60, check=False
    )
    assert told.returncode == 2, told.stderr


def test_even_an_old_python_comes_as_far_as_saying_so() -> None:
    """Python 3.8 (Ubuntu 20.04): its grammar, and no annotation that it would stumble over."""
    tree = ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 8))
    assert any(isinstance(each, ast.ImportFrom) and each.module == "__future__" for each in tree.body)


@pytest.mark.parametrize("python", [(3, 9), (3, 14)])
def test_without_a_python_that_fits_it_says_which_would(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], python: tuple[int, int]
) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (*python, 1, "final", 0))
    monkeypatch.setenv("PATH", "/nonexistent")
    assert bootstrap.main(["setup"]) == 1
    here = ".".join(map(str, python))
    said = f"Retake needs Python 3.11, 3.12 or 3.13; this is {here}, and no other was found. Install one of them.\n"
    assert capsys.readouterr().out == said


def test_a_python_that_fits_is_found_and_gets_the_same_arguments(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ask: Callable[..., Asked]
) -> None:
    other = tmp_path / "python3.12"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 14, 0, "final", 0))
    asked = ask()
    assert bootstrap.main(["run", "a b.wav"]) == 0
    assert asked.commands == [f"{other} -c ", f"{other} {SCRIPT} run a b.wav"]


# -- system packages ---------------------------------------------------------------------------------------------------


def lacking(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, *libraries: str) -> None:
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    monkeypatch.setattr(bootstrap, "loads", lambda library: library not in libraries)
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: object())


def test_what_is_missing_is_named_as_debian_names_it(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking(bootstrap, monkeypatch)
    assert bootstrap.missing_packages() == []
    lacking(bootstrap, monkeypatch, "libEGL.so.1", "libportaudio.so.2")
    assert bootstrap.missing_packages() == ["libegl1", "libportaudio2"]


def test_venv_is_missing_only_until_there_is_one(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking(bootstrap, monkeypatch)
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
    assert bootstrap.missing_packages() == ["python{}.{}-venv".format(*sys.version_info)]
    bootstrap.PYTHON.parent.mkdir(parents=True)
    bootstrap.PYTHON.touch()
    assert bootstrap.missing_packages() == []


def test_other_systems_lack_nothing(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking(bootstrap, monkeypatch, *bootstrap.LIBRARIES)
    monkeypatch.setattr(bootstrap.sys, "platform", "darwin")
    assert bootstrap.missing_packages() == []


def test_the_linker_knows_what_is_there_and_what_is_not() -> None:
    """The real question, asked of the real script: the C library is everywhere, the other nowhere."""
    libc = "libc.so.6" if sys.platform.startswith("linux") else "libc.dylib"
    code = f"import bootstrap; print(bootstrap.loads({libc!r}), bootstrap.loads('libnowhere-retake.so.9'))"
    told = subprocess.check_output(
        [sys.executable, "-B", "-c", code], cwd=SCRIPT.parent, env={**os.environ, "PYTHONPATH": "."}, text=True
    )
    assert told.split() == ["True", "False"]


def test_without_apt_it_names_them_and_ends(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lacking(bootstrap, monkeypatch, "libEGL.so.1")
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit) as end:
        bootstrap.main(["setup"])
    assert end.value.code == 1
    assert capsys.readouterr().out == (
        "These libraries are missing (by their Debian names): libegl1.\n"
        "Install what your system calls them, then run this again.\n"
    )


@pytest.mark.parametrize("sudo", [False, True])
def test_who_is_not_root_is_told_the_one_line_to_run(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sudo: bool
) -> None:
    """Also where there is sudo, but nobody at a terminal to be asked."""
    lacking(bootstrap, monkeypatch, "libEGL.so.1", "libGL.so.1")
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}" if sudo or name != "sudo" else None)
    monkeypatch.setattr(bootstrap.sys, "stdin", io.StringIO())
    with pytest.raises(SystemExit) as end:
        bootstrap.main(["setup"])
    assert end.value.code == 1
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "System libraries are missing. Run this as root, then try again:",
        "  apt-get install -y --no-install-recommends libgl1 libegl1",
    ]


@pytest.mark.parametrize(("answer", "goes_on"), [("y", True), ("", False), ("no", False)])
def test_at_a_terminal_sudo_is_used_only_after_a_yes(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, ask: Callable[..., Asked], answer: str, goes_on: bool
) -> None:
    lacking(bootstrap, monkeypatch, "libEGL.so.1")
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(bootstrap.sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: answer)
    asked = ask()
    if goes_on:
        bootstrap.system_packages()
        assert asked.commands == ["sudo apt-get install -y --no-install-recommends libegl1 -qq"]
    else:
        with pytest.raises(SystemExit):
            bootstrap.system_packages()
        assert asked.commands == []


def test_root_installs_and_asks_for_new_lists_only_when_the_old_ones_do_not_do(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, ask: Callable[..., Asked]
) -> None:
    lacking(bootstrap, monkeypatch, "libEGL.so.1")
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    asked = ask()
    bootstrap.system_packages()
    install = "apt-get install -y --no-install-recommends libegl1 -qq"
    assert asked.commands == [install]
    asked = ask("install")
    with pytest.raises(SystemExit):
        bootstrap.system_packages()
    assert asked.commands == [install, "apt-get update -qq", install]


# -- the environment ---------------------------------------------------------------------------------------------------


def test_the_first_setup_makes_a_venv_from_the_lock_and_the_second_does_nothing(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, ask: Callable[..., Asked]
) -> None:
    asked = ask()
    assert bootstrap.main(["setup"]) == 0
    made, installed = asked.commands
    assert made == f"{sys.executable} -m venv {bootstrap.VENV}"
    assert installed.startswith(f"{bootstrap.PYTHON} -m pip install ")
    assert "--require-hashes" in installed
    assert installed.endswith(f"-r {ROOT / 'packaging' / 'requirements.lock'}")
    assert (bootstrap.VENV / "site" / "retake.pth").read_text() == f"{ROOT}\n"
    assert os.access(bootstrap.VENV / "bin" / "retake", os.X_OK)
    monkeypatch.setattr(bootstrap.subprocess, "call", refuse)
    assert bootstrap.main(["setup"]) == 0


def test_who_can_test_can_run_but_not_the_other_way_round(bootstrap: ModuleType, ask: Callable[..., Asked]) -> None:
    ask()
    bootstrap.environment("run")
    more = ask()
    bootstrap.environment("test")
    (installed,) = more.commands
    assert installed.endswith("requirements-test.lock")
    nothing = ask()
    bootstrap.environment("run")
    bootstrap.environment("test")
    assert nothing.commands == []


def test_a_changed_lock_installs_again_also_when_it_changes_back(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, ask: Callable[..., Asked], tmp_path: Path
) -> None:
    (tmp_path / "packaging").mkdir()
    lock = tmp_path / "packaging" / "requirements.lock"
    (tmp_path / "packaging" / "requirements-test.lock").write_text("one==1\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    for number, version in enumerate((1, 2, 1)):
        lock.write_text(f"one=={version}\n")
        asked = ask()
        bootstrap.environment("run")
        assert [command.split()[2] for command in asked.commands] == (["pip"] if number else ["venv", "pip"])
        asked = ask()
        bootstrap.environment("run")
        assert asked.commands == []


@pytest.mark.parametrize("change", ["another Python", "moved", "its Python is gone"])
def test_a_venv_that_no_longer_works_is_made_anew(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, ask: Callable[..., Asked], tmp_path: Path, change: str
) -> None:
    ask()
    bootstrap.environment("run")
    if change == "another Python":
        version = (3, 13 if sys.version_info[1] != 13 else 12, 0, "final", 0)
        monkeypatch.setattr(bootstrap.sys, "version_info", version)
    elif change == "moved":
        there = tmp_path / "elsewhere" / ".venv"
        there.parent.mkdir()
        bootstrap.VENV.rename(there)
        monkeypatch.setattr(bootstrap, "VENV", there)
        monkeypatch.setattr(bootstrap, "PYTHON", there / "bin" / "python")
    else:
        bootstrap.PYTHON.unlink()
    asked = ask()
    bootstrap.environment("run")
    assert [command.split()[2] for command in asked.commands] == ["venv", "pip"]


@pytest.mark.parametrize(("fail", "says"), [("venv", "could not make a virtual"), ("pip", "Is there a network?")])
def test_a_setup_that_failed_is_said_and_tried_again_the_next_time(
    bootstrap: ModuleType,
    ask: Callable[..., Asked],
    capsys: pytest.CaptureFixture[str],
    fail: str,
    says: str,
) -> None:
    ask(f"-m {fail}")
    with pytest.raises(SystemExit) as end:
        bootstrap.environment("run")
    assert end.value.code == 1
    assert says in capsys.readouterr().out
    asked = ask()
    bootstrap.environment("run")
    assert any(" -m pip install " in command for command in asked.commands)


@pytest.mark.parametrize(
    ("arguments", "then"),
    [
        (["run"], ["-m", "app", str(ROOT / "resources" / "demo" / "demo.flac")]),
        (["run", "a b.wav"], ["-m", "app", str(Path("a b.wav").resolve())]),
        (["test", "-k", "cli"], ["-m", "pytest", "-k", "cli"]),
    ],
)
def test_once_ready_it_becomes_the_app_or_the_tests(
    bootstrap: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[..., Asked],
    arguments: list[str],
    then: list[str],
) -> None:
    ask()
    become: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "become", lambda command: become.append(command) or 0)
    assert bootstrap.main(arguments) == 0
    assert become == [[str(bootstrap.PYTHON), *then]]


def test_the_test_lock_holds_all_that_the_run_lock_holds(bootstrap: ModuleType) -> None:
    def pins(kind: str) -> set[str]:
        lines = (ROOT / "packaging" / bootstrap.LOCKS[kind]).read_text("utf-8").splitlines()
        return {line.rstrip(" \\") for line in lines if "==" in line and not line.startswith((" ", "#"))}

    assert len(pins("run")) > 20
    assert pins("run") <= pins("test")
