"""Tests of the local helpdesk itself."""
