"""What may import what, read from the source and proved in fresh processes."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*ROOT.glob("engine/**/*.py"), *ROOT.glob("gui/**/*.py"), ROOT / "main.py"])


def imports(path: Path, module_level_only: bool = False) -> set[str]:
    """Return the top-level names of all packages that a file imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.walk(tree)
    if module_level_only:
        nodes = (node for node in tree.body)
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def roots(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_arrows_run_one_way(path):
    room = path.relative_to(ROOT).parts[0]
    everything = roots(imports(path))
    if room == "engine":
        assert not everything & {"gui", "main", "PySide6", "pyqtgraph", "shiboken6"}
        assert "torch" not in roots(imports(path, module_level_only=True))
    if room == "gui":
        assert not everything & {"torch", "main"}
        # Widgets draw what the engine shows; they do not reach into how it works.
        if "views" in path.parts:
            allowed = {"engine.snapshot", "engine.history", "engine.record", "engine.config",
                       "engine.activations", "engine.diagnosis", "engine.precision",
                       "engine.close_up", "engine.histograms"}  # fmt: skip
            used = {name for name in imports(path) if name.startswith("engine")}
            # The theory is a table to look things up in, like that of the activations.
            others = {name for name in used - allowed if not name.startswith("engine.theory.")}
            assert not others


def test_there_is_something_to_test():
    assert len(SOURCES) > 20


def loaded_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*sorted(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return roots(set(result.stdout.split()))


def test_the_engine_loads_neither_qt_nor_torch_before_a_run():
    modules = ["config", "session", "command_line", "headless", "recording", "presets", "trainer"]
    loaded = loaded_after("import " + ", ".join(f"engine.{name}" for name in modules))
    assert not loaded & {"PySide6", "pyqtgraph", "torch", "gui"}


def test_training_loads_no_qt_and_no_compiler():
    statement = (
        "from engine.config import RunConfig\n"
        "from engine.trainer import Trainer\n"
        "Trainer(RunConfig(depth=2, width=4)).step()"
    )
    code = f"import sys\n{statement}\nprint(*sorted(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        timeout=120,
    )  # fmt: skip
    modules = set(result.stdout.split())
    assert "torch" in modules
    assert not roots(modules) & {"PySide6", "pyqtgraph", "sympy"}
    assert "torch._dynamo" not in modules


def test_what_the_first_painting_does_not_need_is_not_loaded_before_it():
    code = """
import os, sys
import main, gui.main_window
def painted(window):
    print(*sorted(sys.modules), flush=True)
    os._exit(0)
gui.main_window.MainWindow.start_engine = painted
main.main([])
"""
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        timeout=120, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    modules = set(result.stdout.split())
    assert "gui.views.heatmap" in modules
    late = {"torch", "engine.trainer", "engine.recording", "engine.theory", "engine.diagnosis"}
    late |= {"gui.labs.window", "gui.labs.table", "engine.labs"}
    assert not late & modules
