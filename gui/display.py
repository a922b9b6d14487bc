"""Is there a screen at all?"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

# Qt platforms that draw without a display server.
SCREENLESS_PLATFORMS = ("offscreen", "minimal", "minimalegl", "vnc", "linuxfb", "eglfs", "webgl")


# A display that does not answer in this time is none.
ANSWER_SECONDS = 3.0
X_SOCKETS = "/tmp/.X11-unix/X"
X_TCP_PORT = 6000
WHAT_TO_DO = (
    "train without a window with --headless --out DIR, or give the window a virtual screen with "
    "xvfb-run -a"
)


def display_problem(
    environment: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> str | None:
    """Say in a sentence why no window can be opened, and what to do; None if one can.

    Qt itself would abort the process, which no program can catch.
    """
    if not platform.startswith("linux"):
        return None
    wanted = environment.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if wanted in SCREENLESS_PLATFORMS or environment.get("WAYLAND_DISPLAY"):
        return None
    display = environment.get("DISPLAY")
    if not display:
        return f"there is no display (DISPLAY and WAYLAND_DISPLAY are not set): {WHAT_TO_DO}"
    if not _answers(display):
        return f"the display {display} does not answer: {WHAT_TO_DO}"
    return None


def _answers(display: str) -> bool:
    """Say whether an X server takes connections, at host:number[.screen]."""
    import socket

    host, _, rest = display.rpartition(":")
    number = rest.partition(".")[0]
    if not number.isdecimal():
        return False
    local = host in ("", "unix") or host.startswith("/")
    # An X server on this machine listens in the file system, in the abstract namespace, or both.
    places: list[tuple[int, str | tuple[str, int]]] = [
        (socket.AF_UNIX, X_SOCKETS + number),
        (socket.AF_UNIX, "\0" + X_SOCKETS + number),
    ]
    if not local:
        places = [(socket.AF_INET, (host, X_TCP_PORT + int(number)))]
    return any(_connects(family, place) for family, place in places)


def _connects(family: int, place: str | tuple[str, int]) -> bool:
    import socket

    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_SECONDS)
        try:
            connection.connect(place)
        except (OSError, OverflowError):
            return False
    return True
