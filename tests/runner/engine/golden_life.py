"""The life behind the golden rows: an opening, a refusal, and a timebox that ends.

`python -m tests.runner.engine.golden_life` writes the file. Once rows of a version are out in the world this is
done only for a new version, under a new name, beside the old file, which must be read for ever.
"""

from __future__ import annotations

import json
from pathlib import Path

from runner.contract.contract import Contract
from runner.contract.roster_form import RosterForm
from runner.engine import commands as cmd
from runner.engine.roster import Roster
from runner.zones import zone
from tests.runner.engine.worlds import YES, Life, at, contract, opening, step

FILE = Path(__file__).parent / "golden" / "decision-v1.json"


def golden_life() -> Life:
    life = Life(contract(runbook={"open": (step("notify", who="secondary"),)}), answers=())
    life.do(opening(fields={"priority": "high", "amount": 12.5, "vip": True, "count": 3, "none": None}))
    life.do(cmd.Accept(offer=1, answers=YES), "ben", when=at(5), jobs=("duty-manager",))
    life.do(cmd.Tick(), when=at(61))
    return life


def write() -> None:
    life = golden_life()
    plain = {
        "contract": json.loads(life.contract.canonical),
        "roster": json.loads(life.roster.form.canonical),
        "rows": [{"seq": seq, "body": body.decode(), "hash": digest} for seq, body, digest in life.rows],
    }
    FILE.write_text(json.dumps(plain, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def read() -> Life:
    """A life with the file's contract, roster and rows, as somebody finds them years later."""
    plain = json.loads(FILE.read_text(encoding="utf-8"))
    roster = Roster(RosterForm.load(json.dumps(plain["roster"]).encode()), zone)
    life = Life(Contract.load(json.dumps(plain["contract"]).encode()), roster)
    life.rosters[roster.digest] = roster
    life.rows = [(row["seq"], row["body"].encode(), row["hash"]) for row in plain["rows"]]
    return life


if __name__ == "__main__":
    write()
