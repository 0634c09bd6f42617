"""Scenarios in virtual time, on the engine that the service runs. Reads no clock."""
