"""The verdict in plain sentences: the number, what theory says of it, and what to try."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.config import DEFAULTS, RunConfig
from engine.diagnosis.judge import Diagnosis
from engine.diagnosis.sentences import Amount, Choice, Phrase, Sentence, Style
from engine.theory.prediction import Prediction
from engine.theory.standing import Standing

if TYPE_CHECKING:
    from engine.diagnosis.advice import Advice

SHRINKS = "The gradient shrinks ×{0} per layer going back"
GROWS = "The gradient grows ×{0} per layer going back"
KEEPS = "The gradient keeps its size: ×{0} per layer going back"
# Over few layers a factor that is not 1 does no harm either.
DIFFERS_LITTLE = "The gradient stays within a decade: ×{0} per layer going back"
WITH_THEORY = "{0} (theory for {1} with {2}: ×{3})."
WITH_THEORY_OF_IT = "{0} (theory for this network: ×{1})."
WITH_ABOUT = "{0} (theory for this network: about ×{1})."
WITH_TYPICAL = "{0} (theory for this network: ×{1}, and ×{2} in a typical draw)."
WITHOUT_THEORY = "{0}."
RECEIVES = "The first layer receives {0} of the last."
# The decades of a verdict are by the slope over all layers, which these two alone do not tell.
RECEIVES_APART = (
    "The first layer receives {0} of the last: {1} decades from end to end, {2} by the slope."
)
NO_VERDICT_YET = (
    "That is beyond the limit of {0} decades; near to it a verdict is made when {1} readings agree."
)
TRY_FACTOR = "Try “{0}”: ×{1}."
TRY_ABOUT = "Try “{0}”: about ×{1}."
TRY = "Try “{0}”."
WITH_RATE = "The learning rate becomes {0}."
TEMPLATES = (
    SHRINKS,
    GROWS,
    KEEPS,
    DIFFERS_LITTLE,
    WITH_THEORY,
    WITH_THEORY_OF_IT,
    WITH_ABOUT,
    WITH_TYPICAL,
    WITHOUT_THEORY,
    RECEIVES,
    RECEIVES_APART,
    NO_VERDICT_YET,
    TRY_FACTOR,
    TRY_ABOUT,
    TRY,
    WITH_RATE,
)

# Activation and initialiser do not say all that theory reckons with where one of these is changed.
RECKONED_WITH = ("gain", "bias_std", "init_std", "normalization", "dropout", "skip")
# A gradient that is multiplied with less than so much more or less than 1 is said to keep its size.
KEPT_FACTOR = 0.1
# Decades are written with one digit after the point.
TOLD_APART = 0.1


def explain(
    diagnosis: Diagnosis,
    config: RunConfig,
    prediction: Prediction | None,
    advice: tuple[Advice, ...] = (),
) -> tuple[Sentence, ...]:
    """Return the reasons for a verdict, in order, and the best cure.

    Args:
        diagnosis: of the run.
        config: its experiment.
        prediction: of the theory at initialisation.
        advice: cures, the best first.
    """
    if diagnosis.autopsy is not None:
        return diagnosis.autopsy.sentences()
    said: list[Sentence] = []
    primary = diagnosis.decisive
    # Where the reason is the factor per layer, its sentence would say it again.
    if primary is not None and not primary.decades * diagnosis.decades > 0.0:
        said.append(primary.sentence)
    if math.isfinite(diagnosis.factor_per_layer):
        said += _by_layer(diagnosis, config, prediction)
    if advice:
        said.append(_try(advice[0]))
        if math.isfinite(advice[0].rate):
            said.append(Sentence(WITH_RATE, (Amount(advice[0].rate, Style.GIVEN),)))
    return tuple(said)


def _by_layer(
    diagnosis: Diagnosis, config: RunConfig, prediction: Prediction | None
) -> list[Sentence]:
    weak, factor = diagnosis.thresholds.weak_decades, diagnosis.factor_per_layer
    template = SHRINKS if diagnosis.decades > 0.0 else GROWS
    # A verdict that hysteresis keeps must not be contradicted.
    decisive = diagnosis.decisive
    kept = decisive is not None and decisive.decades * diagnosis.decades > 0.0
    if abs(diagnosis.decades) < weak and not kept:
        template = KEEPS if abs(factor - 1.0) < KEPT_FACTOR else DIFFERS_LITTLE
    how = Phrase(template, (Amount(factor, Style.FACTOR),))
    known = prediction is not None and prediction.standing in (
        Standing.THEORY,
        Standing.APPROXIMATE,
    )
    if known and prediction is not None and math.isfinite(prediction.factor_per_layer):
        expected = Amount(prediction.factor_per_layer, Style.FACTOR)
        names = Choice(config.activation), Choice(config.initializer)
        said = [Sentence(WITH_THEORY, (how, *names, expected))]
        if any(getattr(config, field) != DEFAULTS[field] for field in RECKONED_WITH):
            said = [Sentence(WITH_THEORY_OF_IT, (how, expected))]
        if prediction.standing is Standing.APPROXIMATE:
            said = [Sentence(WITH_ABOUT, (how, expected))]
        typical = prediction.typical_factor_per_layer
        if math.isfinite(typical):
            told = Amount(typical, Style.FACTOR)
            said = [Sentence(WITH_TYPICAL, (how, expected, told))]
    else:
        said = [Sentence(WITHOUT_THEORY, (how,))]
    if abs(diagnosis.decades) >= weak:
        said += _no_verdict(diagnosis)
    ends = -math.log10(diagnosis.first_share or 1.0)
    # The slope and the share of the first layer may say different things; then it is said why.
    apart = abs(ends - diagnosis.decades)
    why = [f.sentence for f in diagnosis.findings if f.criterion in ("bent", "cliff")]
    why = why if apart >= diagnosis.thresholds.bent_decades else []
    if abs(diagnosis.decades) >= weak and math.isfinite(diagnosis.first_share):
        share = Amount(diagnosis.first_share, Style.POWER)
        if why or not apart >= TOLD_APART:
            said.append(Sentence(RECEIVES, (share,)))
        else:
            lost = (Amount(abs(each), Style.DECADES) for each in (ends, diagnosis.decades))
            said.append(Sentence(RECEIVES_APART, (share, *lost)))
    return said + why


def _no_verdict(diagnosis: Diagnosis) -> list[Sentence]:
    """Say why decades that would make a verdict have made none."""
    if any(f.decades * diagnosis.decades > 0.0 for f in diagnosis.findings):
        return []
    chance = [f.sentence for f in diagnosis.findings if f.criterion == "chance"]
    limits = diagnosis.thresholds
    numbers = Amount(limits.weak_decades, Style.DECADES), Amount(limits.readings, Style.COUNT)
    return chance or [Sentence(NO_VERDICT_YET, numbers)]


def _try(advice: Advice) -> Sentence:
    title = Phrase(advice.cure.title)
    if not math.isfinite(advice.factor_per_layer):
        return Sentence(TRY, (title,))
    template = TRY_ABOUT if advice.standing is Standing.APPROXIMATE else TRY_FACTOR
    return Sentence(template, (title, Amount(advice.factor_per_layer, Style.FACTOR)))
