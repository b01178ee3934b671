"""`python -m app` and the `retake` command: a command without a window, or the window."""

import sys

COMMANDS = ("regenerate", "endpoints", "compare", "engine")


def main(arguments: list[str] | None = None) -> int:
    """Run what the arguments ask for; the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in (*COMMANDS, "-h", "--help", "--version"):
        from app import cli  # a command needs no window system, the window needs no argument parser

        return cli.run(arguments)
    from app import main as window

    return window.run(arguments)


if __name__ == "__main__":
    sys.exit(main())
