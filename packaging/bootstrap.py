#!/usr/bin/env python3
"""The two commands: `run [FILE…]` starts Retake, `test [PYTEST ARGUMENTS]` tests it; both set up what is missing.

`setup` only prepares. Needs Python 3.11, 3.12 or 3.13 and nothing else: it makes .venv beside itself, installs the
locked dependencies into it (checked by hash), and on Debian and Ubuntu finds the system libraries that are missing.
A second start finds the stamp of the first and goes straight on, without the network.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCKS = {"run": "requirements.lock", "test": "requirements-test.lock"}
VERSIONS = ((3, 11), (3, 12), (3, 13))

# What Qt and PortAudio load at run time, and the Debian package that brings it.
LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libportaudio.so.2": "libportaudio2",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}


def main(arguments: list[str]) -> int:
    """Set up what the command needs, then become it; the exit code."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if command not in ("run", "test", "setup"):
        print("usage: python3 packaging/bootstrap.py run [FILE…] | test [PYTEST ARGUMENTS] | setup")
        return 2
    if sys.version_info[:2] not in VERSIONS:
        return other_python(arguments)
    system_packages()
    environment("test" if command == "test" else "run")
    if command == "setup":
        print(f"Ready: {PYTHON} -m app")
        return 0
    if command == "test":
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        return become([str(PYTHON), "-m", "pytest", *rest])
    files = [str(Path(each).resolve()) for each in rest] or [str(ROOT / "resources" / "demo" / "demo.flac")]
    return become([str(PYTHON), "-m", "app", *files])


def become(command: list[str]) -> int:
    """Run the command in the project's folder, in place of this process where the system can."""
    os.chdir(ROOT)
    sys.stdout.flush()
    if os.name == "nt":
        return subprocess.call(command)
    os.execv(command[0], command)
    return 0


def other_python(arguments: list[str]) -> int:
    """Go on with a Python that fits, if one is about."""
    for major, minor in reversed(VERSIONS):
        found = shutil.which(f"python{major}.{minor}")
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return subprocess.call([found, __file__, *arguments])
    here = ".".join(map(str, sys.version_info[:2]))
    print(f"Retake needs Python 3.11, 3.12 or 3.13; this is {here}, and no other was found. Install one of them.")
    return 1


def system_packages() -> None:
    """Install the system libraries that are missing, or say how; exits where that leaves no way on."""
    missing = missing_packages()
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    line = " ".join(command)
    if not shutil.which("apt-get"):
        print(f"These libraries are missing (by their Debian names): {' '.join(missing)}.")
        print("Install what your system calls them, then run this again.")
        sys.exit(1)
    if os.geteuid() != 0:
        if not shutil.which("sudo") or not sys.stdin.isatty():
            print(f"System libraries are missing. Run this as root, then try again:\n  {line}")
            sys.exit(1)
        print(f"System libraries are missing. This would install them:\n  sudo {line}")
        if input("Run it now? [y/N] ").strip().lower() not in ("y", "yes"):
            sys.exit(1)
        command = ["sudo", *command]
    print(f"Installing {len(missing)} system packages …", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    update = [*command[: command.index("install")], "update", "-qq"]
    # A fresh machine has no package lists, or old ones: ask for new ones only when it does not work without.
    if subprocess.call([*command, "-qq"], env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) != 0:
        subprocess.call(update, env=quiet)
        if subprocess.call([*command, "-qq"], env=quiet, stdout=subprocess.DEVNULL) != 0:
            print(f"That did not work. Run it by hand to see why:\n  {line}")
            sys.exit(1)


def missing_packages() -> list[str]:
    """Debian packages whose libraries cannot be loaded; none on other systems, whose wheels bring everything."""
    if not sys.platform.startswith("linux"):
        return []
    missing = [package for library, package in LIBRARIES.items() if not loads(library)]
    if not PYTHON.exists() and importlib.util.find_spec("ensurepip") is None:
        missing.append(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")
    return missing


def loads(library: str) -> bool:
    """Whether the dynamic linker finds a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def environment(kind: str) -> None:
    """Make .venv and bring it to what the lock says; nothing at all where the stamp tells that it is."""
    stamp = VENV / "retake.stamp"
    done = stamp.read_text().split() if stamp.exists() and PYTHON.exists() else []
    if wanted("python") not in done:
        done = []
    if wanted(kind) in done:
        return
    if not done:
        shutil.rmtree(VENV, ignore_errors=True)
        print("Making .venv …", flush=True)
        if subprocess.call([sys.executable, "-m", "venv", str(VENV)]) != 0:
            print("Python could not make a virtual environment; what it said stands above.")
            sys.exit(1)
    print("Installing the locked dependencies (about 150 MB, once) …", flush=True)
    lock = ROOT / "packaging" / LOCKS[kind]
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    if subprocess.call([*pip, "--require-hashes", "--no-deps", "-r", str(lock)]) != 0:
        print("The dependencies could not be installed. Is there a network? Run the same command again to go on.")
        sys.exit(1)
    link_app()
    # The test lock holds all that the run lock holds: who can test can run. Older locks no longer hold: forget them.
    kinds = ("run", "test") if kind == "test" or wanted("test") in done else ("run",)
    stamp.write_text("\n".join(wanted(each) for each in ("python", *kinds)))


def wanted(kind: str) -> str:
    """What the stamp must hold for a kind of set-up to be complete."""
    if kind == "python":
        place = hashlib.sha256(str(VENV).encode()).hexdigest()[:12]  # a moved .venv no longer works
        return f"python-{sys.version_info[0]}.{sys.version_info[1]}-{place}"
    return f"{kind}-{hashlib.sha256((ROOT / 'packaging' / LOCKS[kind]).read_bytes()).hexdigest()[:16]}"


def link_app() -> None:
    """Let .venv find the app where it lies, and give it the `retake` command."""
    found = subprocess.check_output(
        [str(PYTHON), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    )
    Path(found.strip(), "retake.pth").write_text(str(ROOT) + "\n", encoding="utf-8")
    if os.name == "nt":
        (VENV / "Scripts" / "retake.cmd").write_text(f'@"{PYTHON}" -m app %*\r\n', encoding="utf-8")
        return
    script = VENV / "bin" / "retake"
    script.write_text(f'#!/bin/sh\nexec "{PYTHON}" -m app "$@"\n', encoding="utf-8")
    script.chmod(0o755)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
