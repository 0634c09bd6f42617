"""Tests of trees, epochs and manifests."""
