"""Notifications: one port, its senders, and the order in which channels are tried."""

from __future__ import annotations

from runner.channels.actions import ActionError, ActionSender, Call, scalars, unset_action_variables
from runner.channels.dispatch import Dispatcher, Sent, Unsent
from runner.channels.port import ChannelError, Message, Sender
from runner.channels.senders import ChannelSetupError, make_senders, unset_variables
from runner.channels.wording import Facts, wording

__all__ = [
    "ActionError",
    "ActionSender",
    "Call",
    "ChannelError",
    "ChannelSetupError",
    "Dispatcher",
    "Facts",
    "Message",
    "Sender",
    "Sent",
    "Unsent",
    "make_senders",
    "scalars",
    "unset_action_variables",
    "unset_variables",
    "wording",
]
