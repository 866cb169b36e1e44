"""docs/operations.md names only what there is: verbs with flags, make's targets, settings, metrics, alerts, files."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main

from insights.cli import app
from insights.domain.alerts import Kind
from insights.settings import Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"call-insights ([a-z][^`\n;|>]*)", PAGE)))


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_of_the_page_is_one_that_exists(words: str) -> None:
    """Prose may follow a command's name; its flags must be its own."""
    command: Any = typer.main.get_command(app)
    told = shlex.split(words)
    while hasattr(command, "commands"):
        command = command.commands[told.pop(0).rstrip(".,:)")]
    flags = {flag for parameter in command.params for flag in parameter.opts}
    assert {word.rstrip(".,:)") for word in told if word.startswith("--")} <= flags


def test_what_the_page_names_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make ([a-z-]+)", PAGE):
        assert f"\n{target}:" in makefile
    (toml,) = re.findall(r"The least that a real night needs:\n\n((?:    .*\n)+)", PAGE)
    named = {*tomllib.loads(toml), *re.findall(r"`(\w+_cron|\w+_key_file|\w+_token_file|dask_scheduler)`", PAGE)}
    assert named <= set(Settings.model_fields)
    for variable in re.findall(r"CALL_INSIGHTS_([A-Z_]+)", PAGE):
        assert variable.lower() in Settings.model_fields or not variable.strip("_")
    operate = (ROOT / "insights" / "web" / "operate.py").read_text(encoding="utf-8")
    for metric in re.findall(r"`call_insights_(\w+)`", PAGE):
        assert f'"{metric}"' in operate
    for path in re.findall(r"`((?:tests|docs)/[\w/.-]+)`", PAGE):
        assert (ROOT / path).is_file()
    kinds = set(re.findall(r"`(no_night|source_stopped|expiring|model_drift|source_drift)`", PAGE))
    assert kinds <= {kind.value for kind in Kind} and kinds
