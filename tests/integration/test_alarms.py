"""Prometheus itself reads the alarms, and lets each be silent and then fire."""

import subprocess
from pathlib import Path

FIGURES = Path(__file__).parent / "alarms.yml"


def test_alarms_fire_as_their_figures_say():
    ended = subprocess.run(["promtool", "test", "rules", FIGURES], capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stdout + ended.stderr
