"""Tests of the pure engine: tables of decisions, and what must hold whatever happens."""

import pytest

pytest.register_assert_rewrite("tests.runner.engine.tables")
