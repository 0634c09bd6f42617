"""Tests of the service: its parts over real stores and real repositories, and the whole of it over HTTP."""
