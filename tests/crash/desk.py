"""A program: the local helpdesk in stepped time, by the options in its one argument, impatient with its receivers."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from runner.clock import SteppedClocks
from runner.contract.values import parse_instant
from runner.helpdesk.local.server import Options, serve
from runner.helpdesk.local.webhooks import RetrySchedule

IMPATIENT = RetrySchedule(first_seconds=0.01, most_seconds=0.05)
"""A killed runner is back within a second or two, so nothing waits for long."""


def main() -> int:
    given = json.loads(sys.argv[1])
    clocks = SteppedClocks(parse_instant(given.pop("start")))
    options = Options(**{**given, "store": Path(given["store"]), "retry": IMPATIENT})
    return serve(options, clocks, threading.Event())


if __name__ == "__main__":
    sys.exit(main())
