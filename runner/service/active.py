"""The active revision in memory, and moving on to a newer one. The store says which epoch is active; this follows it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from runner.channels import Dispatcher, Sender
from runner.clock import Clocks
from runner.contract.diagnostic import Diagnostic
from runner.contract.load import Revision, load_revision
from runner.contract.policies import Channels
from runner.engine.decision import Stamp
from runner.engine.roster import Roster
from runner.engine.routing import Entry, RoutingTable
from runner.revision import GitTree, TreeError, epoch, manifest, manifest_digest, resolve
from runner.service.fieldmap import FieldMap
from runner.service.writer import Writer
from runner.store.port import ActiveEpoch, Transaction
from runner.zones import tzdata_version, zone

__all__ = ["Active", "Follower", "RevisionRefused", "routing_table"]

_log = logging.getLogger(__name__)


def routing_table(revision: Revision) -> RoutingTable:
    """Scope, order and fallback of a revision, ready to route."""
    names = (*revision.order, revision.fallback)
    contracts = (revision.contracts[name] for name in names)
    entries = [Entry(each.name, frozenset(each.on), each.condition, each.rearm) for each in contracts]
    return RoutingTable(revision.scope, entries, revision.fallback)


@dataclass(frozen=True, slots=True)
class Active:
    """Everything of the active epoch that decisions and effects need."""

    epoch: ActiveEpoch
    revision: Revision
    table: RoutingTable
    roster: Roster
    stamp: Stamp
    fields: FieldMap
    dispatcher: Dispatcher


class RevisionRefused(Exception):
    """A revision cannot run. `findings` are its diagnostics, or empty with the reason in the message."""

    def __init__(self, message: str, findings: tuple[Diagnostic, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


class Follower:
    """Follows a ref of a repository: a newer valid commit becomes active, an invalid one is refused and the last stays."""

    def __init__(
        self,
        repo: Path,
        ref: str,
        *,
        helpdesk: str,
        senders: Callable[[Channels], Mapping[str, Sender]],
        clocks: Clocks,
        writer: Writer,
    ) -> None:
        self._repo = repo
        self._ref = ref
        self._helpdesk = helpdesk
        self._senders = senders
        self._clocks = clocks
        self._writer = writer
        self._active: Active | None = None
        self.refused: tuple[str, RevisionRefused] | None = None
        """The commit that was refused last, with why; None when the head is active."""

    @property
    def active(self) -> Active:
        """The active revision; only after `start`."""
        if self._active is None:
            raise RuntimeError("no revision is active yet")
        return self._active

    def start(self) -> None:
        """Activate the head of the ref, or go on with the last good revision if the head is invalid.

        Raises RevisionRefused or TreeError if there is none to go on with.
        """
        stored = self._writer.call(lambda tx: tx.active())
        try:
            self._move(resolve(self._repo, self._ref), stored)
        except (RevisionRefused, TreeError) as problem:
            if stored is None:
                raise
            refused = problem if isinstance(problem, RevisionRefused) else RevisionRefused(str(problem))
            self.refused = (self._ref, refused)
            _log.error("%s is refused, going on with epoch %s: %s", self._ref, stored.epoch, problem)
            self._active = self._assemble(self._load(stored.commit), stored)

    def follow(self) -> bool:
        """Look for a newer commit; True if the active revision changed."""
        current, commit = self.active.epoch, self._ref
        try:
            commit = resolve(self._repo, self._ref)
            if commit == current.commit:
                self.refused = None
                return False
            if self.refused is not None and self.refused[0] == commit:
                return False
            self._move(commit, current)
        except (RevisionRefused, TreeError) as problem:
            refused = problem if isinstance(problem, RevisionRefused) else RevisionRefused(str(problem))
            if self.refused is None or self.refused[0] != commit:
                _log.error("%s is refused, epoch %s stays active: %s", commit, current.epoch, problem)
                for finding in refused.findings[:20]:
                    _log.error("%s %s %s", finding.code, finding.location, finding.message)
            self.refused = (commit, refused)
            return False
        return True

    def _move(self, commit: str, stored: ActiveEpoch | None) -> None:
        number = epoch(self._repo, commit, None)
        if stored is not None and commit != stored.commit and number <= stored.epoch:
            message = f"commit {commit[:12]} is epoch {number}, but {stored.epoch} is active: the branch was rewound"
            raise RevisionRefused(f"{message}; go back by a new commit instead")
        revision = self._load(commit)
        tree = GitTree(self._repo, commit)
        digest = manifest_digest(manifest(tree))
        now = self._clocks.now()
        new = ActiveEpoch(number, commit, digest, revision.roster.digest, now)
        if stored is None or stored.commit != commit:
            contracts = {each.digest: each.canonical for each in revision.contracts.values()}
            expected = stored.epoch if stored else None

            def activate(tx: Transaction) -> bool:
                return tx.activate(expected, new, contracts, revision.roster.canonical)

            if not self._writer.call(activate):
                raise RevisionRefused("another runner switched the epoch meanwhile; try again")
            _log.info("epoch %s is active: commit %s", number, commit[:12])
        else:
            new = stored
        self._active = self._assemble(revision, new)
        self.refused = None

    def _load(self, commit: str) -> Revision:
        loaded = load_revision(GitTree(self._repo, commit), scenarios=False)
        if loaded.revision is None:
            count = len(loaded.findings)
            raise RevisionRefused(f"commit {commit[:12]} has {count} findings; run: surety check", loaded.findings)
        return loaded.revision

    def _assemble(self, revision: Revision, active: ActiveEpoch) -> Active:
        policies = revision.policies
        return Active(
            epoch=active,
            revision=revision,
            table=routing_table(revision),
            roster=Roster(revision.roster, zone),
            stamp=Stamp(revision.roster.digest, active.epoch, tzdata_version()),
            fields=FieldMap(policies.fields, policies.people, self._helpdesk),
            dispatcher=Dispatcher(policies.people, policies.channels, self._senders(policies.channels)),
        )
