"""What the gradients of a run say: verdicts, reasons, cures, and what happened when it ended."""

from engine.diagnosis.judge import VERDICTS, Diagnosis, Judge
from engine.diagnosis.review import diagnose, review
from engine.diagnosis.thresholds import THRESHOLDS, Thresholds
from engine.slope import gradient_decades, slope_of, theil_sen_slope

__all__ = [
    "THRESHOLDS",
    "VERDICTS",
    "Diagnosis",
    "Judge",
    "Thresholds",
    "diagnose",
    "gradient_decades",
    "review",
    "slope_of",
    "theil_sen_slope",
]
