"""The service: ingest, decisions, outbox, API, and the process that runs them."""
