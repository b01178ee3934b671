"""The same jobs without a window: regenerate, endpoints, compare, engine. Exit codes: 0 done, 1 failed, 2 misused."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app import __version__
from app.endpoints.fields import Json
from app.errors import AppError

if TYPE_CHECKING:
    from app.endpoints.catalogue import Endpoint


def run(arguments: Sequence[str]) -> int:
    """Carry out a command line; errors become one line on standard error."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")  # a file's name may be more than the terminal can say
    try:
        options = _parser().parse_args(arguments)
        code = int(options.command(options))
        print(end="", flush=True)
        return code
    except AppError as error:
        print("retake:", " ".join(str(error).splitlines()), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("retake: stopped.", file=sys.stderr)
        return 1
    except OSError as error:
        # Standard output is closed or full: nothing to say where the reader has had enough, as `head` has.
        if not isinstance(error, BrokenPipeError):
            print(f"retake: The output could not be written: {(error.strerror or '').lower()}.", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or Python would complain of it once more while it ends
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="retake", description="Take one part of a recording again.")
    parser.add_argument("--version", action="version", version=f"retake {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    regenerate = commands.add_parser("regenerate", help="remake a part of a file")
    regenerate.add_argument("source", type=Path, metavar="SOURCE")
    regenerate.add_argument("--start", type=float, metavar="S", help="the mask's start in seconds; may be below 0")
    regenerate.add_argument("--end", type=float, metavar="S", help="the mask's end in seconds; may be beyond the end")
    regenerate.add_argument("--at", type=float, metavar="S", help="without a mask: where generated sound goes in")
    regenerate.add_argument(
        "--seconds", type=float, default=5.0, metavar="S", help="without a mask: how long new sound is (5)"
    )
    regenerate.add_argument("--grow", action="store_true", help="let a result of another length keep it")
    regenerate.add_argument("--endpoint", metavar="ID", help="default: the connection's first that fills a mask")
    regenerate.add_argument("--prompt", metavar="TEXT")
    regenerate.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="set any other field")
    regenerate.add_argument("--attach", action="append", default=[], metavar="NAME=FILE", help="upload for a field")
    regenerate.add_argument("--seed", type=int, help="of the first take; those of the others follow from it")
    regenerate.add_argument("--takes", type=int, default=1, metavar="N")
    regenerate.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help=".wav .flac .mp3 .ogg")
    regenerate.set_defaults(command=_regenerate)

    endpoints = commands.add_parser("endpoints", help="list endpoints, tell all of one, add or remove one")
    which = endpoints.add_mutually_exclusive_group()
    which.add_argument("id", nargs="?", metavar="ID", help="tell its fields and their roles")
    which.add_argument("--file", type=Path, metavar="DOC.json", help="the same of a document, without keeping it")
    which.add_argument("--add", metavar="TEXT", help="keep what an id, a page, an address or a file leads to")
    which.add_argument("--refresh", metavar="ID", help="fetch its document anew, and say what changed")
    which.add_argument("--remove", metavar="ID", help="forget what was added, put back what was changed")
    endpoints.set_defaults(command=_endpoints)

    compare = commands.add_parser("compare", help="say where two files differ (exit code 0 also when they do)")
    compare.add_argument("a", type=Path, metavar="A")
    compare.add_argument("b", type=Path, metavar="B")
    compare.set_defaults(command=_compare)

    for each in (regenerate, endpoints):
        each.add_argument("--connection", default="local", metavar="local|fal|URL")
    for each in (regenerate, endpoints, compare):
        each.add_argument("--json", action="store_true", help="print JSON instead of sentences")

    engine = commands.add_parser("engine", help="serve the bundled engine over HTTP")
    # The engine is a house of its own: looked into only by the command that runs it.
    from app.engine import serve

    serve.add_arguments(engine)
    engine.set_defaults(command=serve.run)
    return parser


def _regenerate(options: argparse.Namespace) -> int:
    from app.session.errand import run_errand
    from app.session.errand_requests import Errand

    errand = Errand(
        source=options.source,
        start=options.start,
        end=options.end,
        at=options.at,
        seconds=options.seconds,
        grow=options.grow,
        output=options.output,
        connection=options.connection,
        endpoint=options.endpoint,
        values=_settings(options.set, options.prompt),
        attachments=_files(options.attach),
        seed=options.seed,
        takes=options.takes,
    )
    say = _silent if options.json else _say
    made = run_errand(errand, say)
    if options.json:
        print(json.dumps([each.as_json() for each in made], indent=2))
    else:
        for each in made:
            print(each.sentence())
    return 0


def _settings(pairs: Sequence[str], prompt: str | None) -> dict[str, Json]:
    values: dict[str, Json] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise AppError(f"--set takes NAME=VALUE, not {pair!r}.", "For example: --set output_format=wav")
        values[name] = _value(text)
    if prompt is not None:
        values["prompt"] = prompt
    return values


def _files(pairs: Sequence[str]) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for pair in pairs:
        name, _, file = pair.partition("=")
        if not name or not file:
            raise AppError(f"--attach takes NAME=FILE, not {pair!r}.", "For example: --attach audio_data_url=set.zip")
        files[name] = Path(file)
    return files


def _value(text: str) -> Json:
    """JSON where it is JSON, else the text as it stands."""
    try:
        value: Json = json.loads(text)
    except ValueError:
        return text
    return value


def _endpoints(options: argparse.Namespace) -> int:
    from app.session import library_errands as library
    from app.session.connections import FAL, LOCAL

    # What is added, is added to a host that is asked over the network.
    host = FAL if options.connection == LOCAL else str(options.connection)
    if options.add is not None:
        _tell(library.add(options.add, host), options.json)
    elif options.refresh is not None:
        _tell_sentence(library.refresh(options.refresh, host), options.json)
    elif options.remove is not None:
        _tell_sentence(library.remove(options.remove, host), options.json)
    elif options.file is not None:
        _tell(library.read_file(options.file, host), options.json)
    else:
        _list(options.id, options.connection, options.json)
    return 0


def _list(endpoint: str | None, connection: str, as_json: bool) -> None:
    from app.session.errand import offered
    from app.session.library_errands import listed
    from app.session.library_listing import catalogue_json, catalogue_lines

    every = listed(offered(connection), connection)
    for note in every.notes:
        _say(f"retake: {note}")
    if endpoint is not None:
        found = every.catalogue.get(endpoint)
        if found is None:
            raise AppError(f"There is no endpoint {endpoint}.", "`retake endpoints` lists those that are known.")
        _tell(found, as_json)
    elif as_json:
        print(json.dumps(catalogue_json(every.catalogue, every.marks), indent=2))
    else:
        print("\n".join(catalogue_lines(every.catalogue, every.marks)))


def _tell(endpoint: "Endpoint", as_json: bool) -> None:
    from app.session.library_listing import endpoint_json, endpoint_lines

    if as_json:
        print(json.dumps(endpoint_json(endpoint), indent=2))
    else:
        print("\n".join(endpoint_lines(endpoint)))


def _tell_sentence(sentence: str, as_json: bool) -> None:
    print(json.dumps({"told": sentence}) if as_json else sentence)


def _compare(options: argparse.Namespace) -> int:
    from app.files.audio import decode_file
    from app.takes.compare import compare

    found = compare(decode_file(options.a), decode_file(options.b))
    if options.json:
        print(
            json.dumps(
                {
                    "equal": found.equal,
                    "frames": [found.length_a, found.length_b],
                    "rate": found.rate,
                    "first": found.first,
                    "last": found.last,
                    "differing_frames": found.frames,
                    "difference_db": _finite(found.db),
                    "difference_peak_db": _finite(found.peak_db),
                    "loudness": [_finite(found.loudness_a), _finite(found.loudness_b)],
                },
                indent=2,
            )
        )
        return 0
    if found.length_a != found.length_b:
        print(f"lengths     {found.length_a} and {found.length_b} frames")
    if found.first is None or found.last is None:
        print("equal       every frame that both have")
    else:
        start, end = found.first / found.rate, (found.last + 1) / found.rate
        print(f"differ      frames {found.first}–{found.last} ({start:.4f}–{end:.4f} s), {found.frames} of them")
        print(f"difference  {found.db:.1f} dB RMS, {found.peak_db:.1f} dB peak")
    print(f"loudness    {found.loudness_a:.1f} and {found.loudness_b:.1f} LUFS")
    return 0


def _finite(value: float) -> float | None:
    return value if abs(value) != float("inf") else None


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _silent(_: str) -> None:
    """--json speaks at the end only."""
