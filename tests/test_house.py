"""The walls of the house: what tools and readers rely on, held by the tests themselves."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APP = sorted((ROOT / "app").rglob("*.py"))
_CONTRACTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
# What a Qt binding that miscounts references does a hundred times over at every call and every signal.
_COUNT = """
import sys
from PySide6.QtCore import QObject, Signal
class Bell(QObject):
    rung = Signal(bool)
bell = Bell()
nothing, true = sys.getrefcount(None), sys.getrefcount(True)
for _ in range(1000):
    bell.setObjectName("bell")
    bell.rung.emit(True)
print(sys.getrefcount(None) - nothing, sys.getrefcount(True) - true)
"""


def run(*command: str) -> "subprocess.CompletedProcess[str]":
    """A tool of this very Python, in the project's folder, which may not go and fetch another version of itself."""
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("PYRIGHT_PYTHON")}
    quiet["PYRIGHT_PYTHON_IGNORE_WARNINGS"] = "1"
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=quiet, capture_output=True, text=True, timeout=170, check=False
    )


def files() -> list[Path]:
    """Everything that is committed; in a copy that is no checkout, everything that would be."""
    if shutil.which("git"):
        told = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
        if told.returncode == 0 and told.stdout:
            return [path for name in told.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    folders = ("app", "tests", "packaging", "resources", ".ci")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    return [path for path in (*ROOT.glob("*.*"), *found) if path.is_file() and "__pycache__" not in path.parts]


def texts() -> list[tuple[str, str]]:
    """Path and content of whatever is text."""
    read = [(str(path.relative_to(ROOT)), path.read_bytes()) for path in files()]
    return [(name, content.decode("utf-8", "replace")) for name, content in read if b"\0" not in content]


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "app", "tests", "packaging"),
        ("ruff", "format", "--check", "app", "tests", "packaging"),
        ("pyright", "--pythonpath", sys.executable),
    ],
    ids=["lint", "format", "types"],
)
def test_the_tools_have_nothing_to_say(command: tuple[str, ...]) -> None:
    told = run("-m", *command)
    assert told.returncode == 0, told.stdout + told.stderr


def test_a_floor_imports_only_the_floors_below_it() -> None:
    told = run("-c", _CONTRACTS)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "0 broken" in told.stdout


def test_qt_counts_references_as_python_does() -> None:
    told = run("-c", _COUNT)
    assert told.returncode == 0, told.stderr
    for change in map(int, told.stdout.split()):
        assert abs(change) < 100, "a call of Qt gives away a reference that is not its own; Python will abort"


def test_every_module_and_class_says_what_it_is() -> None:
    silent: list[str] = []
    for path in APP:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef) and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}: {getattr(node, 'name', 'the module')}")
    assert silent == []


def test_files_stay_short_enough_to_be_read() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in APP}
    assert {name: lines for name, lines in long.items() if lines > 400} == {}


def test_no_signal_carries_a_dict() -> None:
    """Qt would make a QVariantMap of it: keys that are no strings are lost, and so are the values' types."""
    found: list[str] = []
    for path in APP:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Signal":
                carried = {name.id for each in node.args for name in ast.walk(each) if isinstance(name, ast.Name)}
                if carried & {"dict", "Dict", "Mapping"}:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


# Put together here, or this file would find itself.
_HOSTS = tuple(".".join(each) for each in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", ""), ("crates", "io")))
_UNFINISHED = ("TO" + "DO", "FIX" + "ME", "X" * 3, "pytest" + ".skip", "mark" + ".skip", "x" + "fail(")
_HIDDEN = re.compile(r"#\s*type:\s*ignore(?!\[)|#\s*noqa(?!: [A-Z]+\d)|#\s*pyright:\s*ignore(?!\[)")


def test_what_is_committed_names_no_registry_and_no_place_of_one_machine() -> None:
    place = re.compile("(?<![\\w.-])/" + "work(?![\\w-])")
    found = [f"{name}: {host}" for name, text in texts() for host in _HOSTS if host in text]
    found += [f"{name}: {place.pattern}" for name, text in texts() if place.search(text)]
    assert found == []


def test_nothing_is_left_for_later_and_no_tool_is_silenced_wholesale() -> None:
    code = [(name, text) for name, text in texts() if name.endswith(".py")]
    found = [
        f"{name}: {word}" for name, text in code for word in _UNFINISHED if re.search(rf"\b{re.escape(word)}", text)
    ]
    found += [f"{name}: {match[0]}" for name, text in code for match in _HIDDEN.finditer(text)]
    assert found == []
