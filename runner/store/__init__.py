"""The decision store: keeps every decision, state, case and effect, whole or not at all. Decides nothing.

`runner.store.memory.MemoryStore` is an implementation for tests.
"""

from runner.store.port import (
    ActiveEpoch,
    Claimed,
    Conflict,
    HintRow,
    InboxRow,
    OutboxRow,
    OutboxStatus,
    Pending,
    Reader,
    Store,
    StoreError,
    Stream,
    Text,
    Transaction,
    effect_key,
)
from runner.store.sqlite import SqliteStore

__all__ = [
    "ActiveEpoch",
    "Claimed",
    "Conflict",
    "HintRow",
    "InboxRow",
    "OutboxRow",
    "OutboxStatus",
    "Pending",
    "Reader",
    "SqliteStore",
    "Store",
    "StoreError",
    "Stream",
    "Text",
    "Transaction",
    "effect_key",
]
