"""`python -m app` and the `retake` command: a command without a window, or the window."""

import multiprocessing
import os
import sys

COMMANDS = ("regenerate", "endpoints", "compare", "engine")


def main(arguments: list[str] | None = None) -> int:
    """Run what the arguments ask for; the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in (*COMMANDS, "-h", "--help", "--version"):
        from app import cli  # a command needs no window system, the window needs no argument parser

        return cli.run(arguments)
    if not has_display():
        from app import walkthrough

        return walkthrough.run(arguments)
    from app import main as window

    return window.run(arguments)


def has_display() -> bool:
    """Whether a window can be shown; a platform that was asked for outright counts."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    multiprocessing.freeze_support()  # the engine's workers, when Retake is a single program
    sys.exit(main())
