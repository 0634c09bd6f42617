"""What several tests of the service share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from runner.clock import SteppedClocks
from runner.helpdesk.local_client import LocalHelpdesk
from tests.runner.helpdesk.running import CONTROL, InThread, client, options
from tests.runner.service.company import START


@pytest.fixture(scope="module")
def helpdesk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHelpdesk]:
    """A real helpdesk whose time stands at the start; several tests write to it."""
    chosen = options(tmp_path_factory.mktemp("desk") / "desk.db", control_token=CONTROL)
    with InThread(chosen, SteppedClocks(START)) as running, client(running.url) as made:
        yield made
