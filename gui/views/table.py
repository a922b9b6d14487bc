"""The views that the dashboard can show: one row for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from gui.splitters import Claim
from gui.views.curves import AccuracyView, LossView
from gui.views.heatmap import HeatmapView
from gui.views.profile import ProfileView
from gui.views.view import View


@dataclass(frozen=True)
class ViewKind:
    """A view that the dashboard can show.

    Attributes:
        name: stable; lessons, settings and exports use it.
        title: for menus.
        make: makes it.
        column: where it stands at first.
        claim: what it asks for of the column's height.
        claim_beside: the same where it shows several runs.
        shown: whether it is shown at first.
        fast: renewed with every picture, and made before the first painting.
    """

    name: str
    title: str
    make: Callable[[], View]
    column: int
    claim: Claim
    shown: bool = True
    fast: bool = False
    claim_beside: Claim | None = None

    def claim_among(self, runs: int) -> Claim:
        """Return what it asks for where so many runs are trained."""
        return self.claim if runs < 2 or self.claim_beside is None else self.claim_beside


# Views that are hidden at first are imported when they are wanted.
def _inspector() -> View:
    from gui.views.inspector import InspectorView

    return InspectorView()


def _phase() -> View:
    from gui.views.phase import PhaseView

    return PhaseView()


def _answers() -> View:
    from gui.views.answers import AnswersView

    return AnswersView()


VIEWS = (
    ViewKind(
        "heatmap_h",
        QT_TRANSLATE_NOOP("Views", "Gradient at the activations"),
        lambda: HeatmapView("activation_grad_norm"),
        column=0,
        claim=Claim(3, 126),
        fast=True,
        claim_beside=Claim(4, 170),
    ),
    ViewKind(
        "heatmap_w",
        QT_TRANSLATE_NOOP("Views", "Gradient at the weights"),
        lambda: HeatmapView("weight_grad_norm"),
        column=0,
        claim=Claim(3, 126),
        fast=True,
        claim_beside=Claim(4, 170),
    ),
    ViewKind(
        "profile",
        QT_TRANSLATE_NOOP("Views", "Every layer now"),
        ProfileView,
        column=0,
        claim=Claim(4, 220),
        claim_beside=Claim(5, 250),
    ),
    ViewKind("loss", QT_TRANSLATE_NOOP("Views", "Loss"), LossView, 1, Claim(2, 130)),
    ViewKind("accuracy", QT_TRANSLATE_NOOP("Views", "Accuracy"), AccuracyView, 1, Claim(2, 130)),
    ViewKind(
        "inspector",
        QT_TRANSLATE_NOOP("Views", "One layer closely"),
        _inspector,
        column=1,
        claim=Claim(3, 210),
        shown=False,
    ),
    ViewKind(
        "phase",
        QT_TRANSLATE_NOOP("Views", "Order and chaos"),
        _phase,
        column=1,
        claim=Claim(3, 210),
        shown=False,
    ),
    ViewKind(
        "prediction",
        QT_TRANSLATE_NOOP("Views", "What the network answers"),
        _answers,
        column=1,
        claim=Claim(3, 210),
        shown=False,
    ),
)
KINDS = {kind.name: kind for kind in VIEWS}


def view_title(name: str) -> str:
    """Return the title of a view for menus, in the language in force."""
    return QCoreApplication.translate("Views", KINDS[name].title)
