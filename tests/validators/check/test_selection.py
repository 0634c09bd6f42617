"""Which rules a check asks: codes, prefixes, names; and that it never asks none."""

from __future__ import annotations

import pytest

from validators.check.registry import MODULES
from validators.check.selection import SelectionError, choose, find_rules

ASKED = {rule.code for module in MODULES for rule in module.RULES}


SCENARIOS = {"SUR601", "SUR602", "SUR606", "SUR607", "SUR608"}


@pytest.mark.parametrize(
    ("select", "ignore", "codes"),
    [
        pytest.param((), (), ASKED, id="everything, if nothing is said"),
        pytest.param(("SUR402",), (), {"SUR402"}, id="a code"),
        pytest.param(("sur402",), (), {"SUR402"}, id="in small letters"),
        pytest.param(("SUR40",), (), {"SUR401", "SUR402", "SUR403", "SUR404"}, id="the beginning of a code"),
        pytest.param(("unused-block",), (), {"SUR502"}, id="a name"),
        pytest.param(("SUR401, SUR402", "unused-block"), (), {"SUR401", "SUR402", "SUR502"}, id="several"),
        pytest.param(("SUR40",), ("SUR402",), {"SUR401", "SUR403", "SUR404"}, id="without one of them"),
        pytest.param((), ("SUR402",), ASKED - {"SUR402"}, id="all but one"),
        pytest.param(("SUR301",), (), set(), id="a gate rule, which is always asked"),
        pytest.param(("SUR60",), (), SCENARIOS, id="those of scenarios that need no run"),
    ],
)
def test_these_are_asked(select: tuple[str, ...], ignore: tuple[str, ...], codes: set[str]) -> None:
    assert choose(select, ignore).codes == codes


@pytest.mark.parametrize(
    ("select", "ignore", "message", "help_text"),
    [
        (("SUR4O2",), (), "there is no rule `SUR4O2`", "did you mean SUR402?"),
        (("unused-blok",), (), "there is no rule `unused-blok`", "did you mean unused-block?"),
        (("everything",), (), "there is no rule `everything`", "`surety rule` lists them all"),
        (("SUR402",), ("SUR4",), "nothing would be checked: no rule is selected", "everything is ignored again"),
        ((), ("SUR301",), "SUR301 acceptance-above-limit is a gate rule", "ignore rules of the tool only"),
        ((), ("SUR",), "SUR001 syntax is a gate rule", "ignore rules of the tool only"),
        (("SUR603",), (), "nothing would be checked", "SUR603: found by `surety test`, not by `surety check`"),
    ],
)
def test_these_are_refused(select: tuple[str, ...], ignore: tuple[str, ...], message: str, help_text: str) -> None:
    with pytest.raises(SelectionError) as refused:
        choose(select, ignore)
    assert refused.value.message.startswith(message)
    assert refused.value.help.startswith(help_text)


def test_a_rule_is_found_by_code_or_name() -> None:
    assert find_rules("SUR301") == find_rules("acceptance-above-limit")
    assert [rule.code for rule in find_rules("SUR30")][:2] == ["SUR301", "SUR302"]
