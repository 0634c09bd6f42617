"""Proving contracts: every reachable state explored by the engine that the service runs. Reads no clock by itself."""

from __future__ import annotations

from validators.verify.bounds import Bound
from validators.verify.verdict import NAMES, Explored, Result, Verdict, Violation, verify

__all__ = ["NAMES", "Bound", "Explored", "Result", "Verdict", "Violation", "verify"]
