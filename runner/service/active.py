"""The active revision in memory, and moving on to a newer one. The store says which epoch is active."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from runner.channels import ChannelSetupError, Dispatcher, Sender
from runner.clock import Clocks
from runner.contract.canonical import canonical
from runner.contract.diagnostic import Diagnostic, Severity, render_text, split_lines
from runner.contract.load import Loaded, Revision, load_revision
from runner.contract.policies import Channels
from runner.engine.decision import Stamp
from runner.engine.roster import Roster
from runner.engine.routing import RoutingTable, routing_table
from runner.revision import GitTree, TreeError, descends, epoch, manifest, manifest_digest, resolve
from runner.service.fieldmap import FieldMap
from runner.service.writer import Writer
from runner.store.port import ActiveEpoch, Transaction
from runner.zones import tzdata_version, zone

__all__ = ["Active", "Follower", "RevisionRefused", "refused_revision"]

_log = logging.getLogger(__name__)


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
    """A revision cannot run. `findings` are its diagnostics, or empty with the reason in the message.

    `read_line(file, line)` gives a line that a finding is about, None when it cannot be had.
    """

    def __init__(
        self,
        message: str,
        findings: tuple[Diagnostic, ...] = (),
        read_line: Callable[[str, int], str | None] = lambda _file, _line: None,
    ) -> None:
        super().__init__(message)
        self.findings = findings
        self.read_line = read_line

    def explained(self) -> str:
        """The message and every finding with the line it is about."""
        if not self.findings:
            return str(self)
        return f"{self}\n\n{render_text(self.findings, self.read_line)}"


def refused_revision(tree: GitTree, loaded: Loaded) -> RevisionRefused:
    """Why a revision that was loaded in vain cannot run, with what there is to see in its files."""
    errors = sum(each.severity is Severity.ERROR for each in loaded.findings)
    count = "1 error" if errors == 1 else f"{errors} errors"
    message = f"revision {tree.label} cannot run, it has {count}; surety check shows the same before a commit"

    def read_line(file: str, line: int) -> str | None:
        try:
            lines = split_lines(tree.read(file).decode(errors="replace"))
        except TreeError:
            return None
        return lines[line - 1] if 0 < line <= len(lines) else None

    return RevisionRefused(message, loaded.findings, read_line)


class Follower:
    """Follows a ref of a repository: a newer valid commit becomes active; an invalid one is refused, the last stays."""

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
        self._retired: Dispatcher | None = None
        self._following = threading.Lock()
        self.refused: tuple[str, RevisionRefused] | None = None
        """The commit that was refused last, with why; None when the head is active."""

    @property
    def active(self) -> Active:
        """The active revision; only after `start`."""
        if self._active is None:
            raise RuntimeError("no revision is active yet")
        return self._active

    @property
    def started(self) -> bool:
        """Whether a revision is active."""
        return self._active is not None

    def close(self) -> None:
        """Release the channels."""
        for dispatcher in (self._retired, self._active.dispatcher if self._active is not None else None):
            if dispatcher is not None:
                dispatcher.close()

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
            self._use(self._assemble(self._load(stored.commit), stored))

    def follow(self) -> bool:
        """Look for a newer commit; True if the active revision changed. Whoever asks meanwhile waits."""
        with self._following:
            return self._follow()

    def _follow(self) -> bool:
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
            message = f"commit {commit[:12]} is epoch {number}, but epoch {stored.epoch} was active"
            raise RevisionRefused(f"{message}: the ref was rewound; go back by a new commit, such as git revert makes")
        if stored is not None and not descends(self._repo, commit, stored.commit):
            message = f"commit {commit[:12]} does not follow the active commit {stored.commit[:12]} along first parents"
            advice = "put the change on top of the active commit, or give another repository a store of its own"
            raise RevisionRefused(f"{message}: {advice}")
        revision = self._load(commit)
        tree = GitTree(self._repo, commit)
        digest = manifest_digest(manifest(tree))
        now = self._clocks.now()
        new = ActiveEpoch(number, commit, digest, revision.roster.digest, now)
        if stored is not None and stored.commit == commit:
            self._use(self._assemble(revision, stored))
        else:
            self._activate(self._assemble(revision, new), stored)
            _log.info("epoch %s is active: commit %s", number, commit[:12])
        self.refused = None

    def _activate(self, assembled: Active, stored: ActiveEpoch | None) -> None:
        """Switch in the store and in memory at once: no decision falls between the two.

        Every ticket is looked at again, a slice at a time, as when its watch is due.
        """
        revision, before = assembled.revision, self._active
        contracts = {each.digest: each.canonical for each in revision.contracts.values()}
        places = {revision.contracts[name].digest: canonical(lines) for name, lines in revision.lines().items()}
        expected = stored.epoch if stored is not None else None

        def activate(tx: Transaction) -> bool:
            switched = tx.activate(expected, assembled.epoch, contracts, revision.roster.canonical, places)
            if switched:
                tx.watch_all(assembled.epoch.activated_at)  # a ticket that nobody touches may be ours from now on
                self._active = assembled
            return switched

        switched = False
        try:
            switched = self._writer.call(activate)
        finally:
            if not switched:
                self._active = before
                assembled.dispatcher.close()
        if not switched:
            raise AssertionError("the store has another epoch than the one in memory")
        self._retire(before)

    def _use(self, assembled: Active) -> None:
        before, self._active = self._active, assembled
        self._retire(before)

    def _retire(self, before: Active | None) -> None:
        """Effects under way may still hold the channels of the revision before, so those close one revision later."""
        if self._retired is not None:
            self._retired.close()
        self._retired = before.dispatcher if before is not None else None

    def _load(self, commit: str) -> Revision:
        tree = GitTree(self._repo, commit)
        loaded = load_revision(tree, scenarios=False)
        if loaded.revision is None:
            raise refused_revision(tree, loaded)
        return loaded.revision

    def _assemble(self, revision: Revision, active: ActiveEpoch) -> Active:
        policies = revision.policies
        try:
            senders = self._senders(policies.channels)
        except ChannelSetupError as error:
            raise RevisionRefused(str(error)) from None
        return Active(
            epoch=active,
            revision=revision,
            table=routing_table(revision.routing, revision.contracts, zone),
            roster=Roster(revision.roster, zone),
            stamp=Stamp(revision.roster.digest, active.epoch, tzdata_version()),
            fields=FieldMap(policies.fields, policies.people, self._helpdesk),
            dispatcher=Dispatcher(policies.people, policies.channels, senders),
        )
