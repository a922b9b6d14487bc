"""The executable says that it computes on the processor alone; the source says nothing of it."""

from dataclasses import replace

import pytest
import torch
from PySide6.QtWidgets import QLabel, QPlainTextEdit

from engine import version
from engine.device import Device, choose_device, describe, read_device
from engine.fields import ConfigError
from engine.licences import parts
from gui.about import AboutDialog
from gui.translation import LANGUAGES


@pytest.fixture(params=[False, True], ids=["source", "executable"])
def is_executable(request, monkeypatch) -> bool:
    monkeypatch.setattr(version, "IS_EXECUTABLE", request.param)
    return request.param


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_status_line_names_the_edition(window, session, is_executable, language):
    window.set_language(language)
    session.advance(3)
    window.renew_everything()
    words = {"en": "CPU edition", "zh_CN": "CPU 版"}[language]
    assert (words in window.status.device.text()) is is_executable
    assert "cpu" in window.status.device.text()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("language", "words"),
    [("en", {1: "1 thread)", 2: "2 threads)"}), ("zh_CN", {1: "1 个线程）", 2: "2 个线程）"})],
)
def test_the_status_line_names_the_processor_in_its_language(
    window, session, language, words, threads
):
    device = Device("cpu", "x86_64", threads)
    window.set_language(language)
    window.status.show_snapshot(replace(session.snapshot(), device=device))
    shown = window.status.device.text()
    assert shown.startswith("CPU")
    assert "x86_64" in shown
    assert shown.endswith(words[threads])


@pytest.mark.parametrize("words", ["cpu", "cuda:0 (NVIDIA H200)", "cpu (a, 0 threads)", ""])
def test_a_recording_has_its_device_back(words):
    here = describe(torch.device("cpu"))
    assert here.machine and here.threads
    assert read_device(str(here)) == here
    assert (read_device(words), str(read_device(words))) == (Device(words), words)


def test_about_names_the_edition(window, is_executable):
    window.dialogs.show_about()
    dialog = window.findChild(AboutDialog)
    texts = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert ("CPU edition" in texts) is is_executable
    assert "LGPL 3" in texts
    dialog.close()


def test_about_shows_the_licence_of_the_chosen_part(window):
    window.dialogs.show_about()
    dialog = window.findChild(AboutDialog)
    assert dialog.list.count() == len(parts())
    for row, part in enumerate(parts()):
        dialog.list.setCurrentRow(row)
        assert part.name in dialog.list.item(row).text()
        shown = dialog.findChild(QPlainTextEdit).toPlainText()
        assert shown.split() == part.text.split()
    dialog.close()


def test_a_card_that_is_asked_for_in_vain_is_no_riddle(is_executable, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError) as refusal:
        choose_device("cuda")
    assert ("CPU edition" in str(refusal.value)) is is_executable


def test_the_version_says_what_kind_of_program_this_is(is_executable):
    assert version.version_words().startswith(version.__version__)
    assert ("CPU edition" in version.version_words()) is is_executable
