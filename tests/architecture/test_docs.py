"""The papers tell the truth: every rule stands under a name that exists, every command stands in the README."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import typer.main

from insights.cli import app
from insights.domain.intents import Intent
from insights.domain.reasons import Reason
from insights.domain.rules import HEARD_RULES, METADATA_RULES
from insights.domain.screening import EligibilityCode, ScreeningCode

ROOT = Path(__file__).parents[2]
PAPER = (ROOT / "docs" / "billing-rules.md").read_text(encoding="utf-8")
POLICY = tomllib.loads((ROOT / "insights" / "policies" / "2026-01.toml").read_text(encoding="utf-8"))
ROWS = [line for line in PAPER.splitlines() if line.startswith("| ") and not line.startswith(("| Rule", "| ---"))]
NAMES = sorted({name for row in ROWS for name in re.findall(r"`([^`]+)`", row)})


def named(name: str) -> Any:
    """What a name of the paper stands for; raises where there is no such thing."""
    if name.startswith("policy:"):
        return reduce(lambda section, key: section[key], name.removeprefix("policy:").split("."), POLICY)
    module, *attributes = name.split(".")
    return reduce(getattr, attributes, importlib.import_module(f"insights.domain.{module}"))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_the_billing_rules_exists(name: str) -> None:
    assert named(name) is not None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:42])
def test_a_billing_rule_is_a_sentence_held_by_at_least_one_name(row: str) -> None:
    sentence, holders = (cell.strip() for cell in row.strip("|").split("|"))
    assert sentence.endswith(".")
    assert re.fullmatch(r"`[\w.:]+`(, `[\w.:]+`)*", holders)


@pytest.mark.parametrize(
    "name",
    [
        *(f"rules.{rule.__name__}" for rule in (*METADATA_RULES, *HEARD_RULES)),
        *(f"screening.ScreeningCode.{code.name}" for code in ScreeningCode),
        *(f"screening.EligibilityCode.{code.name}" for code in EligibilityCode),
        *(f"reasons.Reason.{reason.name}" for reason in Reason),
        *(f"intents.Intent.{intent.name}" for intent in Intent),
    ],
)
def test_what_the_code_can_decide_is_written_down(name: str) -> None:
    assert name in NAMES


def verbs(command: Any, above: str = "") -> Iterator[str]:
    """Every verb of the command line, ``ledger verify`` with its group. A group is what has commands:
    Typer brings a click of its own."""
    if hasattr(command, "commands"):
        for name, below in command.commands.items():
            yield from verbs(below, f"{above} {name}".strip())
    else:
        yield above


@pytest.mark.parametrize("verb", sorted(verbs(typer.main.get_command(app))))
def test_every_command_stands_in_the_readme(verb: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"`(?:call-insights )?{re.escape(verb)}\b[^`]*`|call-insights {re.escape(verb)}\b", readme)


def test_every_figure_is_defined() -> None:
    from builders import A_ROW

    from insights.domain.data_points import data_points

    defined = set(
        re.findall(r"`([a-z_]+)(?::[A-Za-z_0-9]+)?`", (ROOT / "docs" / "figures.md").read_text(encoding="utf-8"))
    )
    assert {figure.name.partition(":")[0] for figure in data_points([A_ROW])} <= defined
