"""The README's way from nothing to an accepted escalation: its commands as they are written, but for the ports."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runner.demo.processes import free_port
from runner.demo.repository import make_repository
from tests.architecture.project import ROOT

PATIENCE_SECONDS = 60
WAIT = """for _ in $(seq 600); do {check} && break; sleep 0.05; done >/dev/null 2>&1"""
"""For a newcomer it is reading that takes so long."""


def commands() -> list[str]:
    """What stands after each `$ ` in the part on the two programs, with its continued lines."""
    part = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Two programs")[2]
    blocks = re.findall(r"^```console\n(.*?)^```", part, re.MULTILINE | re.DOTALL)
    return [each.rstrip("\n") for block in blocks for each in re.split(r"^\$ ", block, flags=re.MULTILINE) if each]


def finished(script: str, folder: Path, environment: dict[str, str]) -> str:
    """What the script said, once it and everything that it started has ended."""
    with subprocess.Popen(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
            pytest.fail(f"it did not come to an end:\n{said}")
        return said


@pytest.mark.slow
def test_the_commands_lead_to_an_accepted_escalation(tmp_path: Path) -> None:
    assert shutil.which("curl"), "install curl: the README uses it"
    assert shutil.which("openssl"), "install openssl: the README uses it"
    (tmp_path / "clone").mkdir()
    clone = make_repository(tmp_path / "clone", [])
    program = clone / ".venv" / "bin" / "surety-runner"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m runner.cli "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    runner, desk = str(free_port()), str(free_port())
    lines = ["trap 'kill $(jobs -p); wait' EXIT"]
    for command in commands():
        if "/tickets" in command:
            lines += [WAIT.format(check=f"curl -sf http://127.0.0.1:{port}/healthz") for port in (runner, desk)]
        if command.startswith("LIST="):
            lines.append(WAIT.format(check=f"{command} | grep -q '\"to\"'"))
        lines.append(command)
    script = "\n".join(lines).replace(" serve ", " serve --listen 127.0.0.1:8080 ")
    script = script.replace("8080", runner).replace("8081", desk)
    out = finished(script, clone, {**os.environ, "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1"})
    accepted, _ = json.JSONDecoder().raw_decode(out, out.rindex('{"id"'))
    assert accepted["state"] == "accepted"
