"""The tests of Surety. Mirrors the packages under test."""
