"""What a cure may answer: criteria, the manners in which a run ends, and what lies behind them."""

from __future__ import annotations

from engine.diagnosis.autopsy import Manner

SHRINKS = ("decades_lost", "weakly_lost", "gradient_ends")
GROWS = ("decades_gained", "weakly_gained", "grown_forward", "high_gradient")
FAINT = ("tiny_layer", "updates_apart", "low_gradient")
SLOW = ("stall", "small_update", "not_learning", "no_rate")
# It does learn, as far as its biases can without the samples: longer steps are no help then.
GUESSES = ("guessing",)
FAST = ("huge_update", "large_update", "high_loss", "risen_loss", Manner.LEARNING_RATE.value)
RAISED_RATE = (Manner.RAISED_RATE.value,)
BURST = ("spike", "large_norm", Manner.GRADIENT.value, Manner.FIRST_GRADIENT.value)
# Shorter steps are safer; the gradient that they are made of stays as large.
LARGE_NORM = ("large_norm", Manner.FIRST_GRADIENT.value)
CLIPPED = ("clipped_stall", "clipped_update")
# Outputs that are too large as they are drawn, or have become so.
LOUD = ("above_guessing",)
DEAD = ("silent_layer", "dead_alarm", "dead_warning")
SATURATED = ("saturated_alarm", "saturated_warning")
ALIKE = {"symmetric", "no_gradient"}
# What one setting does by itself.
ALONE = {*CLIPPED, "batch_of_one"}
FORMAT = ("underflow16", "overflow16", "near_overflow", Manner.NUMBER_FORMAT.value)
RISEN = ("high_loss", "risen_loss")
# ReLU layers of so few units that chance alone silences one of them.
NARROW = "too narrow"
# Where theory finds nothing wrong with how the weights were drawn, it has come with training.
WITH_TRAINING = "with training"
AT_THE_START = (
    Manner.INITIALISATION.value,
    Manner.FIRST_GRADIENT.value,
    Manner.FIRST_UPDATE.value,
)
UNHEALTHY_DEPTH = (*SHRINKS, *GROWS, *FAINT, "cliff", *AT_THE_START)
DREW_BADLY = (*UNHEALTHY_DEPTH, *LOUD, "no_gradient", "symmetric", "silent_layer")
