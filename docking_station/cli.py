"""The command line `evidock` (命令行): one module a group, found by its place in `commands/`.

Only what every command needs is loaded here; each command loads the rest, so that `--help` is quick.
"""

from __future__ import annotations

import io
import locale
import os
import sys
from collections.abc import Sequence
from copy import copy
from typing import Annotated

import typer

import docking_station.commands
from catalog.station_error import StationError
from docking_station.station.family import family
from docking_station.terminal.helping import say_typing_error, spoken

INTERRUPTED = 130
STOPPED = "\nStopped; what was done is kept. Run the same command again to go on. (已中止，重新执行即可继续)"

app = typer.Typer(
    name="evidock",
    help="Evidence from body cameras and field recorders: sealed, catalogued, provable (执法记录仪证据采集).",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for group in family(docking_station.commands, "app"):
    app.add_typer(group)
spoken(app)


def asked_for(words: Sequence[str]) -> typer.Typer:
    """The command line with only the group whose name was typed, if one was: to make all the others takes longer."""
    named = next((word for word in words if not word.startswith("-")), "")
    every, narrow = app.registered_groups, copy(app)
    narrow.registered_groups = [one for one in every if one.typer_instance and one.typer_instance.info.name == named]
    return narrow if narrow.registered_groups else app


def _say_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"evidock {version('evidock')}")
        raise typer.Exit


@app.callback()
def evidock(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is (显示版本)."),
    ] = False,
) -> None:
    """Evidence from body cameras and field recorders: sealed, catalogued, provable (执法记录仪证据采集)."""


def demand_utf8() -> None:
    """Read and write file names as UTF-8 whatever the terminal speaks: elsewhere, begin anew in Python's UTF-8 mode.

    On a card, in a vault and in a bundle a name is bytes; under `LANG=zh_CN.GBK` the same bytes would be another name,
    or none. People are answered in their terminal's encoding, and what that cannot say is written out.
    """
    if sys.getfilesystemencoding() != "utf-8":
        again = [os.fsencode(sys.executable), b"-X", b"utf8", *map(_argument, sys.orig_argv[1:])]
        os.execv(again[0], again)
    speaks = locale.getencoding() if "utf8" in sys._xoptions else None  # noqa: SLF001  # CPython documents it
    for stream, errors in ((sys.stdin, None), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=speaks if stream.encoding == "utf-8" else None, errors=errors)


def _argument(text: str) -> bytes:
    """What was typed, for a program that reads UTF-8: bytes that are a path or UTF-8 stay, other text is encoded."""
    raw = os.fsencode(text)
    try:
        raw.decode()
    except UnicodeDecodeError:
        return raw if os.path.exists(raw) else text.encode("utf-8", "surrogateescape")
    return raw


def main() -> None:
    """Run a command; a StationError becomes two lines (or one JSON document) and its exit status."""
    demand_utf8()
    try:
        try:
            sys.exit(asked_for(sys.argv[1:])(prog_name="evidock", standalone_mode=False))
        finally:
            sys.stdout.flush()  # here a reader that went away can still be told from a fault
    except StationError as error:
        sys.exit(report(error, as_json="--json" in sys.argv))
    except typer.TyperException as error:
        say_typing_error(error)
        sys.exit(error.exit_code)
    except typer.Abort:
        sys.exit(1)
    except SystemExit as end:
        if end.code == INTERRUPTED:  # what the parser makes of Ctrl-C, and says nothing
            print(STOPPED, file=sys.stderr)
        raise
    except KeyboardInterrupt:
        print(STOPPED, file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def report(error: StationError, *, as_json: bool) -> int:
    """Tell a person, or a program, what happened and what to do; returns the exit status."""
    from docking_station.terminal.output import print_json
    from docking_station.terminal.words import language, zone
    from docking_station.texts.plain import visible

    spoken = language()
    message, hint = error.message(spoken, zone()), error.hint(spoken)
    if as_json:
        print_json({"error": {"code": error.code, "message": message, "hint": hint, "retry": error.retry}})
    lines = message.split("\n") if error.is_many else (message,)
    print("\n".join(map(visible, lines)), f"[{error.code}]\n→ {visible(hint)}", file=sys.stderr)
    return error.exit_status


if __name__ == "__main__":
    main()
