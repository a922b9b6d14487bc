"""The laboratory without its window: experiments, training, measurements, theory.

Nothing here knows Qt, and torch is imported only when a run is built.
"""
