"""The tool `surety`: its findings, its scenarios, its programs."""
