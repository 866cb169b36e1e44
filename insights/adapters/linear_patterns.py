"""Regular expressions that cannot run for ever: all ways through a pattern are followed at once, a letter at a time.

Python's own ``re`` tries one way after the other, and a hostile name can make it try more ways than there are seconds
in a night. Here the work is at most letters times steps of the pattern, both bounded, whatever is nested in what. The
price: no look-around and no back references.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_LETTERS = 500
MAX_PATTERN = 1_000
MAX_STEPS = 1_000
MAX_DEPTH = 50

_SET = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
_COUNT = re.compile(r"\{(\d{1,3})(,(\d{0,3}))?\}")
_OPENING = re.compile(r"\((?:\?:|\?P<([a-z_][a-z0-9_]{0,40})>)?(?!\?)")
_KINDS = "dDwWsS"

Saved = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Letter:
    fits: Callable[[str], object]


@dataclass(frozen=True, slots=True)
class _Fork:
    first: int
    second: int


@dataclass(frozen=True, slots=True)
class _Mark:
    slot: int


@dataclass(frozen=True, slots=True)
class _End: ...


_Step = _Letter | _Fork | _Mark | _End


class LinearPattern:
    """A pattern of letters, sets, ``\\d \\w \\s``, groups, ``|`` and repetitions, which must fit a whole text.

    Where several ways fit, it is the one that Python's ``re`` finds. Raises ValueError for what is no such pattern.
    """

    def __init__(self, pattern: str) -> None:
        if len(pattern) > MAX_PATTERN:
            raise ValueError(f"the pattern is longer than {MAX_PATTERN} letters")
        reader = _Reader(pattern.removeprefix("^"))
        self._steps: list[_Step] = [*reader.whole(), _End()]
        self.groups = tuple(reader.groups)

    def match(self, text: str) -> dict[str, str] | None:
        """What each group holds (empty: nothing), or None where the text does not fit or has over MAX_LETTERS."""
        if len(text) > MAX_LETTERS:
            return None
        now = list(self._reached([(0, (-1,) * (2 * len(self.groups)))], 0))
        for place, letter in enumerate(text, 1):
            through = [(at + 1, saved) for at, step, saved in now if isinstance(step, _Letter) and step.fits(letter)]
            now = list(self._reached(through, place))
        for _, step, saved in now:
            if isinstance(step, _End):
                spans = zip(self.groups, saved[::2], saved[1::2], strict=True)
                return {name: text[start:end] if end >= 0 else "" for name, start, end in spans}
        return None

    def _reached(self, threads: list[tuple[int, Saved]], place: int) -> Iterator[tuple[int, _Step, Saved]]:
        """Where one can stand at this place of the text, the preferred way first; each step once."""
        seen: set[int] = set()
        waiting = threads[::-1]
        while waiting:
            at, saved = waiting.pop()
            if at in seen:
                continue
            seen.add(at)
            step = self._steps[at]
            if isinstance(step, _Fork):
                waiting += [(at + step.second, saved), (at + step.first, saved)]
            elif isinstance(step, _Mark):
                waiting.append((at + 1, (*saved[: step.slot], place, *saved[step.slot + 1 :])))
            else:
                yield at, step, saved


class _Reader:
    """Reads a pattern into steps; forks hold distances, so that a piece can be repeated as it is."""

    def __init__(self, pattern: str) -> None:
        self._pattern, self._at, self._depth = pattern, 0, 0
        self.groups: list[str] = []

    def whole(self) -> list[_Step]:
        steps = self._choice()
        if self._rest.startswith("$") and len(self._rest) == 1:
            return steps
        if self._rest:
            raise self._error("a ) too many" if self._rest.startswith(")") else "not understood")
        return steps

    @property
    def _rest(self) -> str:
        return self._pattern[self._at :]

    def _error(self, why: str) -> ValueError:
        return ValueError(f"the pattern is no pattern of names at letter {self._at + 1}: {why}")

    def _choice(self) -> list[_Step]:
        ways = [self._row()]
        while self._rest.startswith("|"):
            self._at += 1
            ways.append(self._row())
        steps = ways.pop()
        for way in reversed(ways):
            steps = self._bounded([_Fork(1, len(way) + 2), *way, _Fork(len(steps) + 1, len(steps) + 1), *steps])
        return steps

    def _row(self) -> list[_Step]:
        steps: list[_Step] = []
        while self._rest and self._rest[0] not in "|)" and self._rest != "$":
            steps = self._bounded([*steps, *self._repeated(self._piece())])
        return steps

    def _piece(self) -> list[_Step]:
        letter = self._rest[0]
        if letter == "(":
            return self._group()
        if letter == "[":
            found = _SET.match(self._pattern, self._at)
            if found is None:
                raise self._error("a [ without its ]")
            return self._one(found.group())
        if letter == "\\":
            escaped = self._rest[1:2]
            if not escaped or (escaped.isalnum() and escaped not in _KINDS):
                raise self._error("of \\ and a letter there are \\d, \\w, \\s and their opposites")
            return self._one(letter + escaped)
        if letter in "*+?{^$":
            raise self._error(f"{letter} must be written \\{letter} here")
        return self._one(letter if letter == "." else re.escape(letter), len(letter))

    def _one(self, source: str, length: int | None = None) -> list[_Step]:
        try:
            fits = re.compile(source, re.DOTALL).fullmatch  # of one letter: there is nothing to try twice
        except re.error as error:
            raise self._error(str(error)) from None
        self._at += len(source) if length is None else length
        return [_Letter(fits)]

    def _group(self) -> list[_Step]:
        opening = _OPENING.match(self._pattern, self._at)
        if opening is None:
            raise self._error("of groups there are (...), (?:...) and (?P<name>...)")
        name = opening.group(1)
        if name in self.groups:
            raise self._error(f"two groups are called {name}")
        if name:
            self.groups.append(name)
        slot = 2 * (len(self.groups) - 1)
        self._at, self._depth = opening.end(), self._depth + 1
        if self._depth > MAX_DEPTH:
            raise self._error(f"more than {MAX_DEPTH} groups in one another")
        steps = self._choice()
        if not self._rest:
            raise self._error("a ( without its )")
        self._at, self._depth = self._at + 1, self._depth - 1
        return [_Mark(slot), *steps, _Mark(slot + 1)] if name else steps

    def _repeated(self, steps: list[_Step]) -> list[_Step]:
        least, most = 1, 1
        sign = self._rest[:1]
        if sign and sign in "*+?":
            least, most = {"*": (0, -1), "+": (1, -1), "?": (0, 1)}[sign]
            self._at += 1
        elif sign == "{":
            found = _COUNT.match(self._pattern, self._at)
            if found is None:
                raise self._error("{ must be written \\{, or hold numbers like {2} or {2,4}")
            least = int(found.group(1))
            most = least if found.group(2) is None else int(found.group(3) or -1)
            self._at = found.end()
            if -1 < most < least:
                raise self._error("a repetition of more than it may be")
        else:
            return steps
        lazy = self._rest.startswith("?")
        self._at += lazy
        if self._rest[:1] and self._rest[0] in "*+?{":
            raise self._error("a repetition of a repetition needs a group between them")

        def fork(go_on: int, leave: int) -> _Step:
            return _Fork(leave, go_on) if lazy else _Fork(go_on, leave)

        told = self._bounded(steps, least)
        if most == -1:
            size = len(steps)
            return self._bounded([*told, fork(1, size + 2), *steps, _Fork(-size - 1, -size - 1)])
        tail: list[_Step] = []
        for _ in range(most - least):
            tail = self._bounded([fork(1, len(steps) + len(tail) + 1), *steps, *tail])
        return self._bounded([*told, *tail])

    def _bounded(self, steps: list[_Step], times: int = 1) -> list[_Step]:
        if len(steps) * times > MAX_STEPS:
            raise self._error(f"with its repetitions it has more than {MAX_STEPS} steps")
        return steps * times
