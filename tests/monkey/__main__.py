"""Play one sequence and print the figures.

`python -m tests.monkey --seed 3 --actions 2000` prints what was done and what it cost. A sequence
that broke something is printed with its seed, and played again by the same command. What the engine
has come to at an action depends on the speed of the machine, and so does what is on the screen:
where a failure does not come again, play the same seed a few times.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from tests.monkey.player import Monkey
from tests.monkey.watch import MonkeyError


def main() -> int:
    """Play one sequence and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--actions", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        monkey = Monkey(arguments.seed, Path(folder))
        try:
            monkey.play(arguments.actions, arguments.rounds)
        except MonkeyError as error:
            print(error)
            return 1
    seconds = time.perf_counter() - began
    done = arguments.rounds * arguments.actions
    print(f"seed {arguments.seed}: {done} actions in {seconds:.0f} s")
    print(", ".join(f"{name} {count}" for name, count in monkey.counts.most_common()))
    print(f"slowest: {monkey.slowest[0]:.2f} s, {monkey.slowest[1]}")
    megabytes = " ".join(f"{size / 1e6:.0f}" for size in monkey.memory)
    print(f"resident MB after each tenth: {megabytes}")
    kept = " ".join(f"{size / 1e6:.0f}" for size in monkey.kept)
    print(f"resident MB after each round, all closed: {kept}")
    objects = " ".join(f"{python}+{qt}" for python, qt in monkey.objects)
    print(f"objects of Python + of Qt after each round, all closed: {objects}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
