"""Benchmarks: each figure beside a reference measured in the same run. Figures are printed and never asserted."""
