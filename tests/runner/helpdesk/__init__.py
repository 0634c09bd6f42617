"""Tests of the helpdesk port and its adapters."""
