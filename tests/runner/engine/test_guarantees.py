"""What must hold whatever happens: random lives of an escalation and of a ticket, checked after every decision.

The guarantees: somebody is accountable (1), there is a next deadline (2), late is not lost (4), loops end (5), an
acceptance can lapse (6), steps and pages come to an end (8, 9), the record can be decided again (12), one open
escalation per ticket and none that ends silently (13); a refusal changes nothing.
"""

from __future__ import annotations

from tests.runner.engine.machines import BUDGET, Escalations, Runbooks, Silences, Tickets

TestEscalations = Escalations.TestCase
TestEscalations.settings = BUDGET
TestRunbooks = Runbooks.TestCase
TestRunbooks.settings = BUDGET
TestSilences = Silences.TestCase
TestSilences.settings = BUDGET
TestTickets = Tickets.TestCase
TestTickets.settings = BUDGET
