"""Train without a window: a progress bar, a verdict, a recording."""

from __future__ import annotations

import math
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from engine.config import SETTINGS, RunConfig
from engine.diagnosis import THRESHOLDS, Diagnosis, Judge, Thresholds
from engine.diagnosis.advice import advise
from engine.diagnosis.explain import explain
from engine.history import History
from engine.lockstep import reason_to_finish
from engine.recording import prepare_folder, save_recording
from engine.snapshot import RunSnapshot
from engine.theory.prediction import Prediction, Standing

if TYPE_CHECKING:
    from engine.record import StepRecord
    from engine.trainer import Trainer

DEFAULT_STEPS = 1000
# How often the progress bar tells the loss.
LOSS_INTERVAL_STEPS = 20


def train_headless(
    config: RunConfig,
    steps: int | None,
    out: Path | None,
    thresholds: Thresholds = THRESHOLDS,
) -> tuple[int, str]:
    """Train, say how it went, and write the recording if a folder is given.

    Ctrl-C and SIGTERM end the training and keep what was recorded.

    Args:
        config: the experiment.
        steps: stop after so many steps; None: as the experiment says, or 1000.
        out: folder of the recording.
        thresholds: the conventions of the verdict.

    Returns:
        The exit code: 0, or 1 where it was interrupted; and the device in words.

    Raises:
        ConfigError: the experiment cannot be run here, or the folder cannot be written.
    """
    from engine.trainer import Trainer

    trainer = Trainer(config)
    if out is not None:
        prepare_folder(out)
        if (out / "run.json").exists():
            print(f"note: the recording in {out} will be replaced", file=sys.stderr)
    history, judge = History(config.depth), Judge(thresholds)
    wanted = steps or config.max_steps or DEFAULT_STEPS
    with interruptible() as interrupted:
        record = _train(trainer, history, judge, wanted, interrupted)
        if record is None:
            print("Interrupted before the first step; nothing is recorded.")
            return 1, trainer.device_words
        # Impatience must not cost the recording: it is written under the same protection.
        _finish(trainer, history, judge, record, out, bool(interrupted))
    return (1 if interrupted else 0), trainer.device_words


def _finish(
    trainer: Trainer,
    history: History,
    judge: Judge,
    record: StepRecord,
    out: Path | None,
    interrupted: bool,
) -> None:
    view = history.view()
    diagnosis = judge.diagnosis(record, view)
    if interrupted:
        print(f"Interrupted at step {record.step}.")
    print(verdict_text(diagnosis, record))
    print(theory_text(trainer.prediction))
    reasons = reasons_text(diagnosis, trainer)
    if reasons:
        print(reasons)
    if out is not None:
        run = RunSnapshot(
            config=trainer.config,
            history=view,
            record=record,
            diagnosis=diagnosis,
            changes=(),
            parameters=trainer.layout.size(),
            history_bytes=history.nbytes,
            anchor=trainer.anchor,
            prediction=trainer.prediction,
            steps_per_epoch=trainer.steps_per_epoch,
            first_bad=trainer.first_bad,
        )
        save_recording(out, [run], trainer.device_words)
        print(f"Recording: {out.resolve()}")


def _train(
    trainer: Trainer, history: History, judge: Judge, steps: int, interrupted: list[int]
) -> StepRecord | None:
    from tqdm import tqdm

    record = None
    # How many steps there are to be has been settled.
    rules = trainer.config.replace(max_steps=0)
    with tqdm(total=steps, unit=" steps", file=sys.stderr, mininterval=0.2) as bar:
        while not interrupted and trainer.steps < steps:
            record = trainer.step()
            history.append(record)
            judge.observe(record, history, trainer.config, trainer.anchor, trainer.prediction)
            bar.update()
            if record.step % LOSS_INTERVAL_STEPS == 0:
                bar.set_postfix(loss=f"{record.curve('loss'):.4g}", refresh=False)
            if reason_to_finish(rules, record) is not None:
                break
    return record


@contextmanager
def interruptible() -> Iterator[list[int]]:
    """Collect the signals that ask to stop, instead of stopping in the middle of something."""
    received: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        received.append(number)

    before = {number: signal.signal(number, remember) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def verdict_text(diagnosis: Diagnosis, record: StepRecord) -> str:
    """Say in a few lines what the gradients did."""
    steps = "1 step" if record.step == 1 else f"{record.step} steps"
    decisive = diagnosis.decisive
    brief = "" if decisive is None else decisive.brief.english()
    lines = [f"Verdict after {steps}: {diagnosis.verdict}"]
    if brief and diagnosis.first_bad is None:
        lines.append(f"Decided by: {brief}")
    bad = diagnosis.first_bad
    if bad is not None:
        layer = f"layer {bad.layer}, " if bad.layer.isdecimal() else f"{bad.layer} layer, "
        where = f"{layer if bad.layer else ''}tensor {bad.tensor}"
        lines.append(f"First non-finite value: step {bad.step}, {where}")
    depth = record.layers.shape[1] - 1
    if bad is None and diagnosis.layers_used < depth:
        silent = depth - diagnosis.layers_used
        lines.append(f"Gradient dL/dh: exactly zero in {silent} of {depth} hidden layers")
    if not math.isnan(diagnosis.decades):
        change = "lost" if diagnosis.decades >= 0 else "gained"
        lines.append(
            f"Gradient dL/dh: {abs(diagnosis.decades):.2f} decades {change} from the last to the "
            f"first hidden layer, ×{diagnosis.factor_per_layer:.3g} per layer going back"
        )
    lines.append(f"Loss: {record.curve('loss'):.4g}")
    return "\n".join(lines)


def reasons_text(diagnosis: Diagnosis, trainer: Trainer) -> str:
    """Say why it is so, and which options would help, a line each."""
    config = trainer.config
    said = explain(diagnosis, config, trainer.prediction)
    lines = ["Why: " + " ".join(sentence.english() for sentence in said)] if said else []
    for advice in advise(diagnosis, config, trainer.anchor):
        changed = config.differences(advice.config)
        options = [f"--{name} {SETTINGS[name].kind.write(getattr(advice.config, name))}"
                   for name in changed]  # fmt: skip
        expected = ""
        if math.isfinite(advice.factor_per_layer):
            expected = f"  (theory: ×{advice.factor_per_layer:.3g} per layer)"
        lines.append(f"Try: {advice.cure.title}, {' '.join(options)}{expected}")
    return "\n".join(lines)


def theory_text(prediction: Prediction | None) -> str:
    """Say in a line what theory expects at initialisation."""
    if prediction is None or prediction.standing is Standing.NONE:
        reasons = "" if prediction is None else ": " + "; ".join(prediction.reasons)
        return f"Theory at initialisation: none{reasons}"
    marked = "" if prediction.standing is Standing.THEORY else f" ({prediction.standing})"
    return (
        f"Theory at initialisation{marked}: {prediction.decades:.2f} decades lost, "
        f"×{prediction.factor_per_layer:.3g} per layer going back"
    )
