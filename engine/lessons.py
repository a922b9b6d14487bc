"""Guided lessons: the files of resources/lessons.

A lesson is a TOML file without code: a title, the items of the subject that it covers, pages and
a closing question, every text by language. A page is an experiment, the fields of the form and the
views that it needs, and a prediction: what to guess, what stays covered until then, and what is
true.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from engine.config import SETTINGS, RunConfig, from_mapping
from engine.fields import ConfigError, Words
from engine.input_files import FileError, float_or_text, require_regular, system_words, toml_words
from engine.pace import SPEEDS
from engine.record import LAYER_QUANTITIES
from engine.resources import RESOURCES
from engine.texts import Texts, read_texts

FOLDER = RESOURCES / "lessons"
LESSON_KEYS = {"title", "covers", "pages", "question"}
PAGE_TEXTS = ("title", "do", "watch")
PREDICTION_TEXTS = ("predict", "reveal")
PAGE_NAMES = ("controls", "views", "covered")
PAGE_OPTIONS = ("experiment", "steps", "pause", "run", "speed", "quantities")
_THE_LESSON, _THE_QUESTION = Words("the lesson"), Words("the question")
PAGE_KEYS = {*PAGE_TEXTS, *PREDICTION_TEXTS, *PAGE_NAMES, *PAGE_OPTIONS}


@dataclass(frozen=True)
class Page:
    """One page of a lesson.

    Attributes:
        title: a few words.
        do: what to do.
        watch: what to look at.
        predict: what the class is to guess; empty where nothing is asked.
        reveal: what is true, shown after the guess; empty likewise.
        config: the experiment; it stops after the steps that the page speaks of.
        controls: names of the fields that may be changed; all others are hidden.
        views: names of the views to show.
        covered: those of them that nobody sees before the guess.
        quantities: what a heatmap shows in place of its own quantity, by the view's name.
        run: whether training begins by itself.
        pause: steps after which it then pauses, to be gone on with; 0: it does not.
        speed: steps per second at most; 0: as fast as it goes.
    """

    title: Texts
    do: Texts
    watch: Texts
    predict: Texts
    reveal: Texts
    config: RunConfig
    controls: tuple[str, ...]
    views: tuple[str, ...]
    covered: frozenset[str]
    quantities: Mapping[str, str]
    run: bool
    pause: int
    speed: int


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Attributes:
        name: name of its file.
        title: a few words.
        covers: numbers of the items of the subject that it shows.
        pages: at least one.
        question: the closing question.
        answer: and its answer.
        number: its place among all that come with the program, from 1; 0: it does not.
    """

    name: str
    title: Texts
    covers: tuple[int, ...]
    pages: tuple[Page, ...]
    question: Texts
    answer: Texts
    number: int = 0


@dataclass(frozen=True)
class BrokenLesson:
    """A lesson that cannot be given.

    Attributes:
        number: as of `Lesson`.
        problem: what is wrong with its file.
    """

    number: int
    problem: ConfigError


class _BrokenError(FileError):
    """What is wrong with a lesson."""

    subject = ""


@cache
def _all_lessons() -> tuple[tuple[Lesson, ...], tuple[BrokenLesson, ...]]:
    found, broken = [], []
    for number, path in enumerate(sorted(FOLDER.glob("*.toml")), start=1):
        try:
            found.append(replace(read_lesson(path), number=number))
        except ConfigError as error:
            broken.append(BrokenLesson(number, error))
    return tuple(found), tuple(broken)


def lessons() -> tuple[Lesson, ...]:
    """Return the lessons that come with the program, in order; none whose file is broken."""
    return _all_lessons()[0]


def broken_lessons() -> tuple[BrokenLesson, ...]:
    """Return the lessons that come with the program and cannot be given."""
    return _all_lessons()[1]


def read_lesson(path: Path) -> Lesson:
    """Read a lesson.

    Raises:
        ConfigError: the file cannot be read, or is no lesson; says on which page what is wrong.
    """
    try:
        require_regular(path)
        table = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=float_or_text)
    except OSError as error:
        words = Words("cannot be read ({0})", (system_words(error),))
        raise ConfigError("lesson", path.name, words) from None
    except (ValueError, RecursionError) as error:
        raise ConfigError("lesson", path.name, toml_words(error)) from None
    try:
        return _lesson(path.stem, table)
    except _BrokenError as error:
        raise ConfigError("lesson", path.name, error.words) from None


def _lesson(name: str, table: dict[str, Any]) -> Lesson:
    _know(table, LESSON_KEYS, _THE_LESSON)
    pages = table.get("pages")
    if not isinstance(pages, list) or not pages:
        raise _BrokenError("must have at least one page")
    covers = table.get("covers", [])
    if not isinstance(covers, list) or not all(type(item) is int for item in covers):
        raise _BrokenError("covers must be a list of whole numbers")
    question = table.get("question")
    if not isinstance(question, dict):
        raise _BrokenError("must end with a question")
    _know(question, {"text", "answer"}, _THE_QUESTION)
    return Lesson(
        name=name,
        title=_text(table, "title", _THE_LESSON),
        covers=tuple(covers),
        pages=tuple(
            _page(page, Words("page {0}", (number,))) for number, page in enumerate(pages, start=1)
        ),
        question=_text(question, "text", _THE_QUESTION),
        answer=_text(question, "answer", _THE_QUESTION),
    )


def _page(table: object, place: Words) -> Page:
    if not isinstance(table, dict):
        raise _BrokenError("{0} must be a table", place)
    _know(table, PAGE_KEYS, place)
    title, do, watch = (_text(table, key, place) for key in PAGE_TEXTS)
    if ("predict" in table) != ("reveal" in table):
        raise _BrokenError("{0}: a prediction and what is revealed belong together", place)
    asks = "predict" in table
    views = _names(table, "views", place)
    covered = _names(table, "covered", place)
    quantities = table.get("quantities", {})
    run = table.get("run", True)
    if not views:
        raise _BrokenError("{0} must show at least one view", place)
    if not set(covered) <= set(views) or (covered and not asks):
        raise _BrokenError("{0} may cover only views that it shows, and only to be guessed", place)
    if not isinstance(quantities, dict) or any(
        quantity not in LAYER_QUANTITIES for quantity in quantities.values()
    ):
        raise _BrokenError("{0}: quantities must be of {1}", place, ", ".join(LAYER_QUANTITIES))
    if not isinstance(run, bool):
        raise _BrokenError("{0}: run must be true or false", place)
    steps, pause, speed = (_whole(table, key, place) for key in ("steps", "pause", "speed"))
    if speed not in (0, *SPEEDS):
        raise _BrokenError("{0}: speed must be one of {1}", place, ", ".join(map(str, SPEEDS)))
    controls = _names(table, "controls", place)
    if not set(controls) <= SETTINGS.keys():
        unknown = sorted(set(controls) - SETTINGS.keys())
        raise _BrokenError("{0} knows no fields {1}", place, unknown)
    return Page(
        title=title,
        do=do,
        watch=watch,
        predict=_text(table, "predict", place) if asks else {},
        reveal=_text(table, "reveal", place) if asks else {},
        config=_config(table.get("experiment"), place).replace(max_steps=steps),
        controls=controls,
        views=views,
        covered=frozenset(covered),
        quantities=quantities,
        run=run,
        pause=pause,
        speed=speed,
    )


def _config(experiment: object, place: Words) -> RunConfig:
    if not isinstance(experiment, dict):
        raise _BrokenError("{0} must have an experiment", place)
    try:
        config, unknown = from_mapping(experiment)
    except ConfigError as error:
        raise _BrokenError("{0}: {1}", place, error) from None
    if unknown:
        raise _BrokenError("{0} knows no fields {1}", place, sorted(unknown))
    return config


def _whole(table: Mapping[str, object], key: str, place: Words) -> int:
    value = table.get(key, 0)
    if type(value) is not int or value < 0:
        raise _BrokenError("{0}: {1} must be a whole number, not below 0", place, key)
    return value


def _know(table: Mapping[str, object], keys: set[str], place: Words) -> None:
    unknown = sorted(set(table) - keys)
    if unknown:
        raise _BrokenError("{0} knows no {1}", place, ", ".join(unknown))


def _text(table: Mapping[str, object], key: str, place: Words) -> Texts:
    try:
        return read_texts(table.get(key))
    except ValueError:
        raise _BrokenError(
            "{0} must have a text {1} in at least one language", place, key
        ) from None


def _names(table: Mapping[str, object], key: str, place: Words) -> tuple[str, ...]:
    names = table.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _BrokenError("{0}: {1} must be a list of names", place, key)
    return tuple(names)
