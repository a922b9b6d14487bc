"""The labs: small pictures of one idea each, in a window of their own.

How a lab is made:

1. `engine/labs/NAME.py` computes: plain functions and frozen dataclasses, tested against known
   values. Where it takes longer than one repaint (about 50 ms) it calls `report(share, partial)`
   every 20 ms or so, see `engine.labs.job`.
2. `gui/labs/NAME.py` draws: one final subclass of `gui.labs.lab.Lab`. It declares its
   `parameters` (their controls, limits and refusals follow from them) and `formulas`, says in
   `explanation` what is to be seen, computes in `compute`, feeds its plots in `show_result`, and
   answers `readings`, `table` (for the CSV file) and, where the main window can show the same,
   `experiment`. Plots are `gui.labs.plot.LabPlot`: made once, then fed.
3. One row in `gui.labs.table.LABS`. The file is only imported when the lab is opened.

`LabPage` gives every lab its frame: title, explanation, formula, controls, readings, reset,
seed, export, progress. `scalar_chain.py` is the shortest example. The tests run over the table:
they open every lab, move its controls to their ends, type nonsense and export.
"""
