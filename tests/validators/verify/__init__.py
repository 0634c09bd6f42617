"""Tests of proving contracts."""
