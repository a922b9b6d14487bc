"""The numeric half of each small lab: one idea, a few numbers, NumPy alone.

Pictures are made of these numbers in `gui.labs`. Nothing here knows Qt, and torch is imported,
if at all, only inside the function that needs it.
"""
