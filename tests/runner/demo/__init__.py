"""Tests of the demo: its story, its history files, and that it leaves nothing behind."""
