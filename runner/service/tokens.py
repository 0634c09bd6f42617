"""A token per person: signed, so that nothing has to be stored, and useless without the runner's secret.

Form: `surety1.PERSON.EXPIRES.SIGNATURE`; EXPIRES in seconds since 1970 of machine time. Turning the secret revokes all
tokens; taking a person out of the people file revokes theirs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

__all__ = ["MIN_SECRET", "TokenError", "issue_token", "person_of"]

_PREFIX = "surety1"
MIN_SECRET = 16
"""Characters of a secret at least."""


class TokenError(Exception):
    """The token is not good; the message says what to do."""


def issue_token(secret: str, person: str, expires: int) -> str:
    """A token for a person until `expires`."""
    body = f"{_PREFIX}.{person}.{expires}"
    return f"{body}.{_sign(secret, body)}"


def person_of(secret: str, token: str, now_seconds: float) -> str:
    """The person whom a token names; raises TokenError if it is forged, misspelt or expired."""
    parts = token.split(".")
    if len(parts) != 4 or parts[0] != _PREFIX:  # noqa: PLR2004 - prefix, person, expiry, signature
        raise TokenError("this is not a token: ask the operator for one (surety-runner token issue PERSON)")
    body = ".".join(parts[:3])
    if not hmac.compare_digest(_sign(secret, body).encode(), parts[3].encode()):
        raise TokenError("the token is not valid here: ask the operator for a new one")
    if not parts[2].isdigit() or int(parts[2]) <= now_seconds:
        raise TokenError("the token has expired: ask the operator for a new one")
    return parts[1]


def _sign(secret: str, body: str) -> str:
    signature = hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(signature).decode().rstrip("=")
