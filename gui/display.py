"""Is there a screen at all?"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

# Qt platforms that draw without a display server.
SCREENLESS_PLATFORMS = ("offscreen", "minimal", "minimalegl", "vnc", "linuxfb", "eglfs", "webgl")


def display_problem(
    environment: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> str | None:
    """Say in a sentence why no window can be opened, and what to do; None if one can.

    Qt itself would abort the process, which no program can catch.
    """
    if not platform.startswith("linux"):
        return None
    wanted = environment.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if wanted in SCREENLESS_PLATFORMS:
        return None
    if environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        return None
    return (
        "there is no display (DISPLAY and WAYLAND_DISPLAY are not set): train without a window "
        "with --headless --out DIR, or give the window a virtual screen with xvfb-run -a"
    )
