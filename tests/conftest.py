"""What holds for every test: no network but loopback, nothing remembered, no time limit on generated examples."""

from __future__ import annotations

import ipaddress
import os
import sys

from hypothesis import settings

# A busy machine is not a failing test; the number of examples stays as it is.
# The same examples each time, so that a run is red for a reason; SURETY_RANDOM=1 looks for new ones.
settings.register_profile("surety", deadline=None, print_blob=True, derandomize="SURETY_RANDOM" not in os.environ)
settings.load_profile("surety")
os.environ["SURETY_CACHE_DIR"] = os.devnull  # nowhere: what is tested is done, and never remembered


def _is_loopback(host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if name in {"", "localhost", "None"}:
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def refuse_network(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: connecting or looking up anything but this machine is an error of the test."""
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else ""  # a string is the path of a Unix socket
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not _is_loopback(host):
        raise PermissionError(f"a test reached for the network: {host!r}; tests talk to servers they start on loopback")


sys.addaudithook(refuse_network)
