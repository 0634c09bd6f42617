"""The service: ingest, workers, outbox, API and pages. Holds no escalation rules."""
