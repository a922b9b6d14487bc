"""Train without a window: a progress bar, a verdict, a recording."""

from __future__ import annotations

import logging
import math
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from engine.autosave import Autosave
from engine.config import SETTINGS, RunConfig
from engine.datasets import DATASETS
from engine.diagnosis import THRESHOLDS, Diagnosis, Judge, Thresholds
from engine.diagnosis.advice import advise
from engine.diagnosis.explain import explain
from engine.failures import hint_of
from engine.fields import ConfigError, on_one_line
from engine.history import History
from engine.lockstep import reason_to_finish
from engine.own_folder import OwnFolder, prepared_folder
from engine.recording import open_recording, save_recording
from engine.signals import Interruptions, interruptible
from engine.snapshot import RunSnapshot, Snapshot, State
from engine.theory.prediction import Prediction
from engine.theory.standing import Standing
from engine.thinning import NO_ROOM, write_what_fits

if TYPE_CHECKING:
    from engine.record import StepRecord
    from engine.trainer import Trainer

logger = logging.getLogger(__name__)

DEFAULT_STEPS = 1000
# How often the progress bar tells the loss.
LOSS_INTERVAL_STEPS = 20
# What a run has come to, beside the recording that it will be; gone when that is written.
UNFINISHED = "unfinished.npz"
# What one that was killed had come to, at the next start into the same folder; that of the second
# is killed-2.npz, and so on.
KILLED = "killed.npz"
# What the names of files that were being written begin with.
PARTS = (".unfinished.", ".run.", ".steps", ".layers", ".window.", ".writable.")


@dataclass
class _Training:
    """A run that is trained.

    Attributes:
        record: the newest step; None before the first.
    """

    trainer: Trainer
    history: History
    judge: Judge
    record: StepRecord | None = None

    def advance(self) -> StepRecord:
        """Make a step."""
        trainer = self.trainer
        self.record = record = trainer.step()
        self.history.append(record)
        self.judge.observe(record, self.history, trainer.config, trainer.anchor, trainer.prediction)
        return record

    def run(self) -> RunSnapshot:
        """Return what has been recorded; at least one step has been made."""
        assert self.record is not None
        trainer, history = self.trainer, self.history.view()
        return RunSnapshot(
            config=trainer.config,
            history=history,
            record=self.record,
            judged=self.judge.diagnosis(self.record, history),
            changes=(),
            parameters=trainer.layout.size,
            history_bytes=self.history.nbytes,
            anchor=trainer.anchor,
            prediction=trainer.prediction,
            steps_per_epoch=trainer.steps_per_epoch,
            first_bad=trainer.first_bad,
        )

    def snapshot(self) -> Snapshot:
        """Return what there is to keep."""
        runs = () if self.record is None else (self.run(),)
        return Snapshot(State.RUNNING, 1, runs, device=self.trainer.computes_on)


def train_headless(
    config: RunConfig,
    steps: int | None,
    out: Path | None,
    thresholds: Thresholds = THRESHOLDS,
    draw: Callable[[Path], None] = lambda folder: None,
) -> tuple[int, str]:
    """Train, say how it went, and write the recording if a folder is given.

    Ctrl-C, SIGTERM, a terminal that is closed and whatever goes wrong in the engine end the
    training and keep what was recorded. Of a run that is killed no more than the last seconds are
    lost. While it goes on no other program writes to the folder.

    Args:
        config: the experiment.
        steps: stop after so many steps; None: as the experiment says, or 1000.
        out: folder of the recording.
        thresholds: the conventions of the verdict.
        draw: adds what it likes to the folder of a recording that has been written.

    Returns:
        The exit code: 0, or 1 where it was interrupted or something went wrong; and the device
        in words.

    Raises:
        ConfigError: the experiment cannot be run here, or the folder cannot be written.
    """
    with interruptible() as interrupted:
        if out is None:
            return _train_into(None, config, steps, thresholds, draw, interrupted)
        with prepared_folder(out) as folder:
            return _train_into(folder, config, steps, thresholds, draw, interrupted)


def _train_into(
    folder: OwnFolder | None,
    config: RunConfig,
    steps: int | None,
    thresholds: Thresholds,
    draw: Callable[[Path], None],
    interrupted: Interruptions,
) -> tuple[int, str]:
    # What PyTorch is loaded by runs Python inside of C++, which an exception cannot leave: until it
    # is there a signal waits.
    import torch  # noqa: F401

    from engine.trainer import Trainer

    try:
        with interrupted.at_once():
            trainer = Trainer(config)
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001 (told in a line: memory ends here first)
        _tell("the network cannot be built", error)
        return 1, ""
    if config.dataset not in DATASETS:
        # Nobody else says what the columns of a file were taken for.
        facts = (words.format(number) for words, number in trainer.data.taken_for.facts)
        print(f"Data: {'; '.join(facts)}")
    training = _Training(trainer, History(config.depth), Judge(thresholds))
    keeper = None
    if folder is not None:
        _make_way(folder.path)
        keeper = _Keeper(folder, training)
    wanted = steps or config.max_steps or DEFAULT_STEPS
    whole = _train(training, wanted, interrupted, keeper)
    if training.record is None:
        words = "Interrupted before" if interrupted.received else "Failed in"
        print(f"{words} the first step; nothing is recorded.")
        return 1, str(trainer.computes_on)
    # Impatience must not cost the recording: it is written under the same protection.
    written = _finish(training, keeper, bool(interrupted.received))
    if folder is not None and written:
        draw(folder.path)
    return (0 if whole and written else 1), str(trainer.computes_on)


class _Keeper:
    """Keeps what a run has come to in its folder: on the way, and in the end.

    Args:
        folder: of the recording, taken.
        training: the run.
    """

    def __init__(self, folder: OwnFolder, training: _Training) -> None:
        self._folder = folder
        self._training = training
        self._unfinished = folder.path / UNFINISHED
        self.autosave = Autosave(self._unfinished, training.snapshot, prepare=self._prepare)

    @property
    def path(self) -> Path:
        """The folder."""
        return self._folder.path

    def keep_first(self) -> None:
        """Keep the first step: where there is no room for it there is none for any recording.

        Raises:
            ConfigError: it cannot be kept.
        """
        try:
            self.autosave.save()
        except (OSError, MemoryError, ConfigError) as error:
            if isinstance(error, OSError) and error.errno in NO_ROOM:
                words = f"must be a folder with room for a recording ({error.strerror})"
                raise ConfigError("out", str(self.path), words) from None
            # What comes between may go away again; the next time it is told.
            logger.debug("the first step is not kept", exc_info=error)

    def _prepare(self) -> None:
        if self._folder.take_again():
            print(f"note: the folder {self.path} had gone and was made anew", file=sys.stderr)

    def record(self, run: RunSnapshot) -> bool:
        """Write the recording; return whether that succeeded."""
        device = str(self._training.trainer.computes_on)
        try:
            self._prepare()
            save_recording(self.path, [run], device)
        except (OSError, MemoryError, ConfigError) as error:
            if self._kept_steps() < run.steps:
                # Packed or thinned, it may still have room.
                with suppress(OSError, MemoryError):
                    write_what_fits(self._unfinished, [run], device)
            _tell(f"the recording cannot be written to {self.path}", error, self._kept_words(run))
            return False
        self.autosave.close(0.0)
        return True

    def _kept(self) -> RunSnapshot | None:
        """Return what of the run lies in its folder, as it is found there."""
        with suppress(ConfigError):
            return open_recording(self._unfinished).runs[0]
        return None

    def _kept_steps(self) -> int:
        kept = self._kept()
        return 0 if kept is None else kept.steps

    def _kept_words(self, run: RunSnapshot) -> str:
        """Say what of the run is not lost."""
        kept = self._kept()
        if kept is None:
            again = f'--experiment "{run.config.share_string()}" trains it again.'
            return f"Nothing of the run could be kept. {again}"
        words = f"--open {self._unfinished} shows it up to step {kept.steps} of {run.steps}"
        stride, whole = kept.history.layers.stride, run.history.layers.stride
        if kept.steps == run.steps and stride > whole:
            words += f", thinned to what there is room for: {stride} steps a column, not {whole}"
        return f"{words}."


def _make_way(folder: Path) -> None:
    """Say what lies in a folder already; what a killed run had come to is kept."""
    if (folder / "run.json").exists():
        print(f"note: the recording in {folder} will be replaced", file=sys.stderr)
    for part in folder.glob(".*.part"):
        # It was killed while it wrote; no other program writes here now.
        if part.name.startswith(PARTS):
            part.unlink(missing_ok=True)
    if (folder / UNFINISHED).exists():
        kept = _free_place(folder / KILLED)
        (folder / UNFINISHED).replace(kept)
        print(
            f"note: a run was killed here before its end; --open {kept} shows what it had come to",
            file=sys.stderr,
        )


def _free_place(path: Path) -> Path:
    """Return a path at which nothing lies yet: this one, or else the first numbered one."""
    numbered = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return next(place for place in chain((path,), numbered) if not os.path.lexists(place))


def _tell(what: str, error: Exception, more: str = "") -> None:
    """Say in one line what went wrong, and what follows from it."""
    reason = (str(error).splitlines() or [""])[0]
    words = f"error: {what} ({on_one_line(f'{type(error).__name__}: {reason}')})"
    print(". ".join(filter(None, (words, hint_of(error), more))), file=sys.stderr)
    logger.debug("%s", what, exc_info=error)


def _finish(training: _Training, keeper: _Keeper | None, interrupted: bool) -> bool:
    """Write the recording and say how it went; return whether all that was wanted is written."""
    run = training.run()
    assert run.record is not None and run.diagnosis is not None
    # Before a word is said: whoever was to read them may have gone.
    written = keeper is None or keeper.record(run)
    if interrupted:
        print(f"Interrupted at step {run.record.step}.")
    print(verdict_text(run.diagnosis, run.record))
    theory = theory_text(run.prediction)
    if theory:
        print(theory)
    reasons = reasons_text(run.diagnosis, training.trainer)
    if reasons:
        print(reasons)
    if keeper is not None and written:
        print(f"Recording: {keeper.path.resolve()}")
    return written


def _train(
    training: _Training, steps: int, interrupted: Interruptions, keeper: _Keeper | None
) -> bool:
    """Make the steps; return whether nothing came between."""
    from tqdm import tqdm
    from tqdm.contrib.logging import logging_redirect_tqdm

    # It would watch over bars that stand still; this one moves with the steps.
    tqdm.monitor_interval = 0
    # How many steps there are to be has been settled.
    rules = training.trainer.config.replace(max_steps=0)
    # What is told meanwhile has a line of its own.
    with (
        tqdm(total=steps, unit=" steps", file=sys.stderr, mininterval=0.2) as bar,
        logging_redirect_tqdm(),
    ):
        while not interrupted.received and training.trainer.steps < steps:
            try:
                record = training.advance()
            except Exception as error:  # noqa: BLE001 (what was recorded is kept)
                bar.close()
                made = 0 if training.record is None else training.record.step
                _tell(f"step {made + 1} failed", error)
                return False
            bar.update()
            if record.step % LOSS_INTERVAL_STEPS == 0:
                bar.set_postfix(loss=f"{record.curve('loss'):.4g}", refresh=False)
            if keeper is not None:
                keeper.keep_first() if record.step == 1 else keeper.autosave.save_if_due()
            if reason_to_finish(rules, record) is not None:
                break
    return not interrupted.received


def verdict_text(diagnosis: Diagnosis, record: StepRecord) -> str:
    """Say in a few lines what the gradients did."""
    steps = "1 step" if record.step == 1 else f"{record.step} steps"
    decisive = diagnosis.decisive
    brief = "" if decisive is None else decisive.brief.english()
    if decisive is not None and decisive.decades * diagnosis.decades > 0.0:
        # As it is now, and not as at the last reading.
        brief = _decades_text(diagnosis.decades)
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
        first, last = diagnosis.typical_steps
        when = "" if first == last else f" (median of steps {first} to {last})"
        lines.append(
            f"Gradient dL/dh: {_decades_text(diagnosis.decades)} from the last to the first "
            f"hidden layer, ×{diagnosis.factor_per_layer:.3g} per layer going back{when}"
        )
    lines.append(f"Loss: {record.curve('loss'):.4g}")
    return "\n".join(lines)


def reasons_text(diagnosis: Diagnosis, trainer: Trainer) -> str:
    """Say why it is so, and which options would help, a line each."""
    config = trainer.config
    said = explain(diagnosis, config, trainer.prediction)
    autopsy = diagnosis.autopsy
    last_words = None if autopsy is None else autopsy.last_words()
    said = said if last_words is None else (*said, last_words)
    lines = ["Why: " + " ".join(sentence.english() for sentence in said)] if said else []
    for advice in advise(diagnosis, config, trainer.anchor):
        changed = config.differences(advice.config)
        options = [f"--{name} {SETTINGS[name].kind.write(getattr(advice.config, name))}"
                   for name in changed]  # fmt: skip
        expected = ""
        if math.isfinite(advice.factor_per_layer):
            trust = "about " if advice.standing is Standing.APPROXIMATE else ""
            factor = advice.factor_per_layer
            expected = f"  (theory: {trust}×{factor:.3g} per layer)"
        if advice.eases:
            expected += "  (it eases the trouble and does not remove what it is from)"
        lines.append(f"Try: {advice.cure.title}, {' '.join(options)}{expected}")
    return "\n".join(lines)


def _decades_text(decades: float) -> str:
    return f"{abs(decades):.2f} decades {'lost' if decades >= 0 else 'gained'}"


def theory_text(prediction: Prediction | None) -> str:
    """Say in a line what theory expects at initialisation; nothing where no layer is between."""
    if prediction is None or prediction.standing is Standing.NONE:
        reasons = "" if prediction is None else ": " + "; ".join(prediction.reasons)
        return f"Theory at initialisation: none{reasons}"
    if prediction.standing is Standing.FORWARD_ONLY:
        return f"Theory at initialisation, forward only: {'; '.join(prediction.reasons)}"
    if math.isnan(prediction.factor_per_layer):
        return ""
    marked = "" if prediction.standing is Standing.THEORY else f" ({prediction.standing})"
    return (
        f"Theory at initialisation{marked}: {_decades_text(prediction.decades)}, "
        f"×{prediction.factor_per_layer:.3g} per layer going back"
    )
