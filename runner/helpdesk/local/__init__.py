"""The local helpdesk: a small, real HTTP service of its own, with tickets, history, comments and webhooks.

It knows nothing of escalations. The runner reaches it over the network only, like any other helpdesk; importing this
loads no web framework.
"""
