"""What the tests of commands start from."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from shell import Ran, Run

from insights.cli import main


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``call-insights`` with these words in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def words(*words: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["call-insights", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return Ran(int(ended.value.code or 0), told.out, told.err)

    return words
