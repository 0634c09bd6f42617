"""A program: the local helpdesk with the options given as JSON in its one argument."""

import json
import sys
import threading
from pathlib import Path

from runner.clock import RealClocks
from runner.helpdesk.local.server import Options, serve
from runner.helpdesk.local.webhooks import RetrySchedule

if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    chosen = Options(**{**given, "store": Path(given["store"]), "retry": RetrySchedule(**given["retry"])})
    sys.exit(serve(chosen, RealClocks(), threading.Event()))
