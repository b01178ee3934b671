"""Retake: take one part of a recording again, and leave the rest alone."""

__version__ = "0.1.0"
