"""Who may know whom (docs/architecture.md): pure decisions in the middle, everything heavy at the rim."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "whisper", "transformers", "prefect", "fastapi", "sqlalchemy", "pydub", "pydantic")
LONGEST = 400
CORE = {"domain", "ports", "errors"}
PARTS = CORE | {"adapters", "settings", "version"}

MAY_KNOW: dict[str, set[str]] = {
    "domain": {"domain"},
    "errors": set(),
    "ports": {"domain", "ports"},
    "pipeline": CORE | {"pipeline"},
    "adapters": CORE | {"adapters"},
    "settings": {"errors"},
    "bootstrap": PARTS | {"bootstrap"},
    "checkup": PARTS | {"bootstrap", "pipeline"},
    "terminal": CORE | {"pipeline", "terminal"},
    "plots": CORE,
    "web": PARTS | {"bootstrap", "pipeline", "web", "terminal"},
    "cli": PARTS | {"bootstrap", "pipeline", "checkup", "terminal", "plots", "web", "cli"},
    "flows": PARTS | {"bootstrap", "pipeline", "flows"},
    "version": set(),
}
"""Left: a part of the house. Right: the parts it may import; its own standing in it means between its modules."""


@dataclass(frozen=True)
class Import:
    """One import: the file and line, the dotted name, and whether it runs only when a function is called."""

    path: str
    line: int
    name: str
    in_function: bool

    def __str__(self) -> str:
        return f"{self.path}:{self.line} imports {self.name}"


def part_of(name: str) -> str | None:
    """The part of the house a dotted name belongs to; None for other people's modules."""
    parts = name.split(".")
    if parts[0] in ("flows", "models", "tests"):
        return parts[0]
    if parts[0] != "insights":
        return None
    if len(parts) == 1 or parts[1].startswith("__"):
        return "version"
    return next((part for part in ("bootstrap", "cli", "terminal", "ports") if parts[1].startswith(part)), parts[1])


def imports_of(path: Path) -> Iterator[Import]:
    where = path.relative_to(ROOT).as_posix()

    def walk(node: ast.AST, in_function: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(where, child.lineno, alias.name, in_function)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0 and child.module, f"{where}:{child.lineno}: imports are written out in full"
                for name in (
                    [f"insights.{a.name}" for a in child.names] if child.module == "insights" else [child.module]
                ):
                    yield Import(where, child.lineno, name, in_function)
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from walk(child, in_function or inside)

    yield from walk(ast.parse(path.read_text(encoding="utf-8")), False)


def modules(*folders: str) -> list[Path]:
    found = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    assert found
    return found


def home(path: Path) -> str:
    part = part_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert part is not None
    return part


HOUSE = modules("insights", "flows")
IMPORTS = [found for path in HOUSE for found in imports_of(path)]


@pytest.mark.parametrize("path", HOUSE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_knows_only_the_parts_it_may_know(path: Path) -> None:
    part = home(path)
    assert part in MAY_KNOW, (
        f"{part} is a new part of the house: say in MAY_KNOW and docs/architecture.md whom it knows"
    )
    allowed = MAY_KNOW[part] | ({"flows"} if part == "cli" else set())
    strangers = [str(found) for found in imports_of(path) if part_of(found.name) not in allowed | {None}]
    assert strangers == []


def test_only_the_command_line_starts_flows_and_only_when_a_verb_runs() -> None:
    outside = [found for found in IMPORTS if part_of(found.name) == "flows" and not found.path.startswith("flows/")]
    assert {home(ROOT / found.path) for found in outside} <= {"cli"}
    assert [str(found) for found in outside if not found.in_function] == []


def test_the_product_never_imports_its_training_code_or_its_tests() -> None:
    assert [str(found) for found in IMPORTS if part_of(found.name) in ("models", "tests")] == []


def test_decisions_use_the_standard_library_alone() -> None:
    domain = [found for path in modules("insights/domain") for found in imports_of(path)]
    roots = {found.name.split(".")[0] for found in domain}
    assert roots - {"insights"} <= sys.stdlib_module_names


def test_decisions_touch_no_files_no_network_no_environment_and_no_clock() -> None:
    outside = {"os", "pathlib", "io", "socket", "subprocess", "urllib", "http", "random", "time", "logging", "sqlite3"}
    domain = [found for path in modules("insights/domain") for found in imports_of(path)]
    assert [str(found) for found in domain if found.name.split(".")[0] in outside] == []
    asked = {"datetime.now", "datetime.today", "datetime.utcnow", "date.today"}
    clocks = [
        f"{path.name}:{node.lineno}"
        for path in modules("insights/domain")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in asked
    ]
    assert clocks == []


def test_use_cases_name_no_library() -> None:
    pipeline = [found for path in modules("insights/pipeline") for found in imports_of(path)]
    roots = {found.name.split(".")[0] for found in pipeline}
    assert roots - {"insights"} <= sys.stdlib_module_names


def loaded_by(code: str) -> list[str]:
    """Heavy modules that a fresh interpreter holds after running the code."""
    report = f"import sys; print(*sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    return done.stderr.split()


def test_the_report_of_loaded_modules_would_tell() -> None:
    assert loaded_by("import pydantic") == ["pydantic"]


def test_decisions_and_use_cases_load_nothing_heavy() -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in modules("insights/domain", "insights/pipeline")
    ]
    assert loaded_by("\n".join(f"import {name}" for name in names)) == []


@pytest.mark.parametrize("words", [["--help"], ["nightly", "--help"], ["classify", "--help"], ["version"]])
def test_the_command_line_answers_for_help_without_loading_anything_heavy(words: list[str]) -> None:
    """The list of verbs loads nothing at all; for a verb's own flags typer itself reads with pydantic."""
    code = f"import sys; sys.argv = ['call-insights', *{words!r}]\nfrom insights.cli import main\n"
    found = loaded_by(code + "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code")
    assert set(found) <= (set() if words == ["--help"] else {"pydantic"})


@pytest.mark.parametrize("path", HOUSE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_says_what_it_is_about_and_stays_short_enough_to_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text)) or ""
    assert docstring.splitlines()[:1] != [], "the first line says what the module decides or touches"
    assert len(text.splitlines()) <= LONGEST
