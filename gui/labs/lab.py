"""What a lab is: declared controls, a computation, and pictures of its result."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from engine.config import RunConfig
from engine.fields import Kind, Whole
from engine.labs.job import Report
from gui import theme as looks
from gui.export import Table as Table
from gui.theme import Theme

if TYPE_CHECKING:
    from engine.session import Session

# Pictures stand side by side where the room for them is wider than this times its height, or
# too low for so much for each.
_WIDE_RATIO = 1.3
_STACKED_HEIGHT = 260

# The value of every control, by name.
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Parameter:
    """One control of a lab.

    Attributes:
        kind: what it accepts; decides the control.
        default: where it starts, and what a reset goes back to.
        label: its name for people, in English; translated in the context "Labs".
        help: a sentence, likewise; may be empty.
        needs: (other parameter, values) that give this one an effect; None: always.
    """

    kind: Kind
    default: Any
    label: str
    help: str = ""
    needs: tuple[str, tuple[object, ...]] | None = None

    def applies(self, values: Values) -> bool:
        """Say whether it has an effect beside the other values."""
        return self.needs is None or values[self.needs[0]] in self.needs[1]


# The seed of every lab that draws at random; the frame puts a button for a new one beside it.
SEED_NAME = "seed"
LARGEST_SEED = 2**31 - 1


def seed_parameter(default: int = 7) -> Parameter:
    """Return the control of a seed."""
    return Parameter(Whole(0, LARGEST_SEED), default, QT_TRANSLATE_NOOP("Labs", "Seed"))


@dataclass(frozen=True)
class Reading:
    """A number that is read out below the pictures.

    Attributes:
        name: what it is, in the language of the window.
        value: as text.
        alarm: it is drawn in the colour of a problem.
    """

    name: str
    value: str
    alarm: bool = False


class Lab(QWidget):
    """The pictures of one lab.

    All methods but `compute` are called in the window's thread.

    Args:
        config_now: returns the experiment in the main window.

    Attributes:
        parameters: the controls, in order, by name.
        formulas: in the language of `gui.labs.formula`.
        reading_group: so many readings belong together and stand in one row.
        bar: buttons above the pictures, which are no part of them; None without any.
        session: the engine of the main window, set before the lab is shown; None without one.
        values_wanted: something in the picture was dragged: {parameter: value}.
    """

    values_wanted = Signal(dict)
    parameters: ClassVar[Mapping[str, Parameter]]
    formulas: ClassVar[tuple[str, ...]]
    reading_group: ClassVar[int] = 1

    def __init__(self, config_now: Callable[[], RunConfig], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.config_now = config_now
        self.bar: QWidget | None = None
        self.session: Session | None = None
        self.theme = looks.LIGHT
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2 * looks.GAP)

    def lay_out(self, **pictures: int) -> None:
        """Place the pictures: side by side, or below each other where there is more height.

        Args:
            pictures: names of attributes of the lab, with their shares of the room.
        """
        for name, share in pictures.items():
            self._row.addWidget(getattr(self, name), share)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        crowded = self.height() < self._row.count() * _STACKED_HEIGHT
        wide = crowded or self.width() > _WIDE_RATIO * self.height()
        direction = QBoxLayout.Direction
        self._row.setDirection(direction.LeftToRight if wide else direction.TopToBottom)

    @abstractmethod
    def explanation(self) -> str:
        """Say in one paragraph what is to be seen."""

    def formulas_for(self, values: Values) -> tuple[str, ...]:
        """Return the formulas that hold beside some values."""
        return self.formulas

    def notice(self, values: Values) -> str:
        """Say what is drawn instead of what the controls say, where it cannot be; usually empty."""
        return ""

    def is_slow(self, values: Values) -> bool:
        """Say whether `compute` may take longer than a repaint, 50 ms: it then has a thread."""
        return False

    def complete(self, values: Values) -> Values:
        """Add what `compute` needs beside the controls, such as the experiment next door."""
        return values

    @abstractmethod
    def compute(self, values: Values, report: Report) -> Any:
        """Return the result for some values. May run on a thread of its own, so it touches no Qt.

        Raises:
            Interrupted: from `report`.
        """

    @abstractmethod
    def show_result(self, values: Values, result: Any) -> None:
        """Feed the pictures."""

    @abstractmethod
    def readings(self, values: Values, result: Any) -> list[Reading]:
        """Return what is read out; always the same names in the same order, if possible."""

    @abstractmethod
    def table(self, values: Values, result: Any) -> Table:
        """Return the data behind the pictures."""

    def experiment(self, values: Values) -> RunConfig | None:
        """Return the experiment that shows the same in the main window; None: there is none."""
        return None

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme; the result is shown again afterwards."""
        self.theme = theme

    def retranslate(self) -> None:
        """Take the texts of the language in force; the result is shown again afterwards."""


def label_text(text: str) -> str:
    """Return the label or help of a parameter in the language of the window."""
    return QCoreApplication.translate("Labs", text) if text else ""
