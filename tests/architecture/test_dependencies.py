"""What is installed: the lock holds every dependency with hashes, a file without one is refused, licences are known."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
from licences import LOCK, PAGE, ROOT, Locked, locked, locked_versions, page, refused
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CPU_LOCK = ROOT / "torch-cpu.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WANTED = [*PROJECT["dependencies"], *(line for lines in PROJECT["optional-dependencies"].values() for line in lines)]


def entries(path: Path) -> dict[str, list[str]]:
    """The packages of a lock with the lines below each."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith(" "):
            found[line.removesuffix(" \\")] = []
        else:
            found[list(found)[-1]].append(line.strip().removesuffix(" \\"))
    return found


@pytest.mark.parametrize("path", [LOCK, CPU_LOCK], ids=lambda path: path.name)
def test_every_locked_package_has_one_version_and_the_hashes_of_its_files(path: Path) -> None:
    for package, hashes in entries(path).items():
        assert re.fullmatch(r"[a-z0-9-]+==[\w.+]+( ; .+)?", package)
        assert hashes and all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in hashes), package


def test_the_lock_names_no_place_to_fetch_from() -> None:
    assert not re.search(
        r"://|index|find-links", LOCK.read_text(encoding="utf-8") + CPU_LOCK.read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("wanted", WANTED)
def test_a_dependency_is_locked_at_a_version_it_allows(wanted: str) -> None:
    requirement = Requirement(wanted)
    assert requirement.specifier.contains(locked_versions()[canonicalize_name(requirement.name)])


def test_torch_without_cuda_is_the_version_of_torch_that_is_locked() -> None:
    assert list(entries(CPU_LOCK)) == [f"torch=={locked_versions()['torch']}+cpu"]


def test_the_installer_takes_nothing_without_a_locked_hash() -> None:
    text = (ROOT / "install.sh").read_text(encoding="utf-8").replace("\\\n", " ")
    installs = [line for line in text.splitlines() if re.search(r"\bpip install\b", line)]
    assert len(installs) == 3
    assert [line for line in installs if "--require-hashes" not in line and "--no-deps -e ." not in line] == []


def forged_wheel(folder: Path, name: str, version: str) -> None:
    """A wheel that is whole, and not the one that was published."""
    facts = f"{name}-{version}.dist-info"
    with ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "HERE = 'something else'\n")
        wheel.writestr(f"{facts}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{facts}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{facts}/RECORD", f"{name}.py,,\n{facts}/METADATA,,\n{facts}/WHEEL,,\n{facts}/RECORD,,\n")


@pytest.mark.parametrize("with_lock", [True, False], ids=["with the lock", "without"])
def test_a_file_that_is_not_the_published_one_is_refused(with_lock: bool, tmp_path: Path) -> None:
    version = locked_versions()["click"]
    forged_wheel(tmp_path, "click", version)
    lock = ["--require-hashes", "-c", str(LOCK)] if with_lock else []
    uv = Path(sys.executable).with_name("uv")
    where = [
        "--no-index",
        "--find-links",
        str(tmp_path),
        "--no-cache",
        "--no-config",
        "--target",
        str(tmp_path / "there"),
    ]
    done = subprocess.run(
        [str(uv), "pip", "install", *where, *lock, f"click=={version}"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (tmp_path / "there/click.py").exists() is (not with_lock), done.stderr
    assert ("Hash mismatch for `click" in done.stderr) is with_lock


def test_the_licence_list_is_that_of_the_lock() -> None:
    assert page(locked()) == PAGE.read_text(encoding="utf-8"), "make lock writes it again"


def test_every_locked_package_has_a_licence_that_may_be_used() -> None:
    assert refused(locked()) == []


@pytest.mark.parametrize("expression", ["GPL-3.0-only", "MIT AND AGPL-3.0-or-later", "SSPL-1.0", "UNKNOWN"])
def test_a_licence_that_may_not_be_used_is_noticed(expression: str) -> None:
    assert refused([Locked("stranger", "1", expression, True)]) == ["stranger"]
