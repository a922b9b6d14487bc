"""Vanishing Point: opens the window, or trains without one."""

import gc

# Nothing that is imported is ever garbage; to look for some costs a tenth of the start.
# The window, or training, looks again from its beginning on.
gc.disable()

import signal

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Until something has begun Ctrl-C ends the program at once and without a word: an exception in
    # the middle of what is imported is lost there, or takes the process with it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import os
import sys
import threading
from pathlib import Path

from engine.command_line import Command, parse_command_line, tables_text
from engine.config import RunConfig
from engine.failures import hint_of
from engine.fields import ConfigError, on_one_line
from engine.streams import give_streams
from engine.version import IS_EXECUTABLE


def main(arguments: list[str]) -> int:
    """Do what the command line says and return the exit code."""
    try:
        Path.cwd()
    except OSError:
        # There PyTorch would end the process when it looks for a part of its own.
        print("error: the folder that the program was started in is gone", file=sys.stderr)
        return 1
    try:
        try:
            command = parse_command_line(arguments)
        except OSError as error:
            # Its options name the presets, which are files.
            print(f"error: a part of the program is missing: {error}", file=sys.stderr)
            return 1
        for note in command.notes:
            print(f"note: {note}", file=sys.stderr)
        if command.list_tables:
            print(tables_text())
            return 0
        if command.selftest:
            return _selftest()
        if command.script is not None:
            return _export_script(command.config, command.script)
        return _headless(command) if command.headless else _window(command)
    except ConfigError as error:
        from engine.misplaced import advice

        origin = f" (in {error.origin})" if error.origin else ""
        words = (f"error: {error}{origin}", advice(error.field, error.value))
        print(". ".join(filter(None, words)), file=sys.stderr)
        return 2


def _clean_up_when_interrupted() -> None:
    """Have Ctrl-C raise an exception from now on: there will be files that must go then."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _selftest() -> int:
    gc.enable()
    from gui.selftest import run_selftest

    _clean_up_when_interrupted()
    return run_selftest()


def _export_script(config: RunConfig, path: Path) -> int:
    from engine.torch_script import export_script

    _clean_up_when_interrupted()
    data = export_script(config, path)
    print(f"Script: {path.resolve()}\nData: {data.resolve()}")
    return 0


def _headless(command: Command) -> int:
    from engine.diagnosis.thresholds import thresholds_from
    from engine.headless import train_headless

    gc.enable()

    thresholds = thresholds_from(command.thresholds)
    code, _ = train_headless(command.config, command.steps, command.out, thresholds, _draw_window)
    return code


def _draw_window(folder: Path) -> None:
    """Add a picture of the window to the recording in a folder, where Qt can draw."""
    picture = folder / "window.png"
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        from gui.app import save_picture
    except ImportError as error:
        print(f"No picture of the window: Qt cannot be loaded ({error})", file=sys.stderr)
        return
    try:
        save_picture(folder / "run.npz", picture)
    except OSError as error:
        print(f"No picture of the window: {error}", file=sys.stderr)
        return
    print(f"Picture: {picture.resolve()}")


def _window(command: Command) -> int:
    from gui.display import display_problem

    problem = display_problem()
    if problem is not None:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    opened = None
    if command.recording is not None:
        from engine.recording import open_recording

        opened = open_recording(command.recording)
    from gui.app import run_window

    return run_window(
        command.config,
        steps=command.steps,
        screenshot=command.screenshot,
        look=command.look,
        opened=opened,
        announce=command.announce,
        go_on=not command.chosen and command.steps is None,
    )


def _unforeseen(error: Exception) -> str:
    """Say in a line what went wrong and where, for a report; or what can be done about it."""
    reason = (str(error).splitlines() or [""])[0]
    words = f"error: {on_one_line(f'{type(error).__name__}: {reason}')}"
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if place is not None:
        file = Path(place.tb_frame.f_code.co_filename)
        words += f" (in {file.parent.name}/{file.name}, line {place.tb_lineno})"
    hint = hint_of(error)
    return f"{words}. {hint}" if hint else words


def run(arguments: list[str]) -> int:
    """Call `main`, and end quietly where the person or the next program has had enough."""
    out, _ = give_streams()
    try:
        code = main(arguments)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 1
    except Exception as error:  # noqa: BLE001 (a lecture is not the moment for a traceback)
        print(_unforeseen(error), file=sys.stderr)
        return 1
    finally:
        out.flush()
    # What was asked for has been done, but not all of it has been told.
    return code or int(out.lost)


if __name__ == "__main__":
    if IS_EXECUTABLE:
        # A process that anything starts through multiprocessing begins here: it must not open
        # another window.
        from multiprocessing import freeze_support

        freeze_support()
    exit_code = run(sys.argv[1:])
    if threading.active_count() > 1:
        # The engine is in the middle of something that nothing can end, an import for one. Python's
        # own end would take the libraries from under it, which aborts the process.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)
    sys.exit(exit_code)
