"""What the phase picture says of the experiment."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from engine.theory.phases import FixedPoint
from gui import numbers

translate = QCoreApplication.translate

# A line, and the same in fewer words.
Texts = tuple[str, str]


def phase_words(found: FixedPoint, activation: str) -> Texts:
    """Say in which phase a network is, and what each of its layers does in the end."""
    name = {
        "ordered": translate("Phases", "Ordered"),
        "chaotic": translate("Phases", "Chaotic"),
        "critical": translate("Phases", "At the edge of chaos"),
    }[found.phase]
    if found.phase == "critical" and math.isinf(found.q):
        name = translate("Phases", "No fixed point")
    factor = numbers.factor(math.sqrt(found.chi))
    text = translate("Phases", "{0}, {1}: deep down ×{2} per layer going back")
    if math.isinf(found.q):
        text = translate("Phases", "{0}, {1}: ×{2} per layer going back, and the signal grows")
    return text.format(name, activation, factor), f"{name}: ×{factor}"


def depth_words(found: FixedPoint, depth: int) -> Texts:
    """Compare the depth with how far a signal reaches (Schoenholz et al. 2017, figure 5)."""
    if math.isinf(found.xi_correlation):
        text = translate("Phases", "depth scale ξ = ∞: signals reach through {0} layers")
        return text.format(depth), "ξ = ∞"
    xi, reach = numbers.plain(found.xi_correlation), numbers.plain(found.trainable_depth)
    if depth <= found.trainable_depth:
        text = translate(
            "Phases", "depth scale ξ = {0}: trainable to about 6 ξ = {1}, this has {2}"
        )
    else:
        text = translate(
            "Phases", "depth scale ξ = {0}: trainable only to about 6 ξ = {1}, this has {2}"
        )
    short = translate("Phases", "6 ξ = {0}, depth {1}").format(reach, depth)
    return text.format(xi, reach, depth), short


def no_edge_words(activation: str) -> Texts:
    """Say why there is no edge: q D(q) < M2(q) for every q, so that χ₁ < 1 at a fixed point."""
    text = translate("Phases", "no edge of chaos: wherever {0} comes to rest, gradients vanish")
    return text.format(activation), translate("Phases", "no edge of chaos")
