"""Leads told by file names alone, and patterns that no name can keep busy."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from buckets import a_row, lay
from hypothesis import given
from hypothesis import strategies as st

from insights.adapters.folder_source import FolderSource
from insights.adapters.linear_patterns import LinearPattern
from insights.adapters.name_patterns import NamePattern, date_time, masked
from insights.adapters.policy_files import load_policies
from insights.errors import InputError

POLICIES = load_policies()
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
PATTERN = r"(?P<lead_id>[^_]+)_(?P<received_at>[0-9T-]+)_(?P<caller_number>\d+)\.wav"
SETTINGS = f"""pattern = '{PATTERN}'
time_zone = "America/Chicago"
campaign_id = "C-1"
answered = true
recording_enabled = true
"""


def source(folder: Path, *names: str, settings: str = SETTINGS) -> FolderSource:
    lay(folder, {"source.toml": settings, **dict.fromkeys(names, b"a call")})
    return FolderSource(str(folder), POLICIES, now=lambda: NOW)


def test_a_name_tells_a_lead_and_source_toml_the_rest(tmp_path: Path) -> None:
    found = source(tmp_path, "2026/11/L-1_2026-11-19T08-12-40_16145550114.wav")
    listing = found.listing()
    (lead,) = listing.leads

    assert (lead.lead_id, lead.campaign_id, lead.answered, lead.recording_enabled) == ("L-1", "C-1", True, True)
    assert lead.received_at.isoformat() == "2026-11-19T08:12:40-06:00"
    assert lead.caller_number == "16145550114"
    assert lead.recording == "2026/11/L-1_2026-11-19T08-12-40_1{caller}.wav"  # kept without the caller's number
    assert found.fetch(lead) == b"a call"
    assert listing.complete_to == NOW


def test_a_name_that_does_not_fit_is_set_aside_without_its_digits(tmp_path: Path) -> None:
    listing = source(tmp_path, "call from 614-555-0114.wav", "L-1_2026-11-19T08-12-40_16145550114.wav").listing()

    assert [lead.lead_id for lead in listing.leads] == ["L-1"]
    (bad,) = listing.quarantined
    assert bad.where == "call from ###-###-####.wav"
    assert bad.reason == bad.fault == "its name does not fit the pattern of source.toml"


def test_a_time_in_a_name_that_is_none_is_set_aside(tmp_path: Path) -> None:
    (bad,) = source(tmp_path, "L-1_2026-19-11_6145550114.wav").listing().quarantined
    assert (bad.where, bad.lead_id) == ("L-#_####-##-##_##########.wav", "L-1")
    assert "received_at" in bad.fault and "0114" not in bad.reason


def test_a_side_car_goes_before_a_name_and_a_table_before_both(tmp_path: Path) -> None:
    names = ("L-1_2026-11-19T08-12-40_16145550114.wav", "L-2_2026-11-19T08-12-40_16145550115.wav")
    found = source(tmp_path, *names)
    lay(tmp_path, {f"{names[0]}.json": a_row("S-1", answered=False)})
    assert [lead.lead_id for lead in found.listing().leads] == ["S-1", "L-2"]
    lay(tmp_path, {"manifest.jsonl": a_row("M-1")})
    assert [lead.lead_id for lead in found.listing().leads] == ["M-1"]


def test_only_names_written_since_are_told_with_a_day_to_spare(tmp_path: Path) -> None:
    found = source(tmp_path, *(f"L-{n}_2026-11-19T08-12-40_1614555011{n}.wav" for n in range(3)))
    for path in tmp_path.iterdir():
        hours = 50 - 20 * int(path.name[2]) if path.name.startswith("L-") else 500
        at = (NOW - timedelta(hours=hours)).timestamp()
        os.utime(path, (at, at))
    assert [lead.lead_id for lead in found.listing(NOW - timedelta(hours=10)).leads] == ["L-1", "L-2"]


def test_a_pattern_with_a_slash_reads_the_folders_too(tmp_path: Path) -> None:
    pattern = (
        r"(?P<campaign_id>C-\d)/(?P<external_call_id>\w+)-(?P<answered>yes|no)\."
        r"(?P<start_time>\d{8}-\d{6})\.(?:wav|mp3)"
    )
    settings = f"pattern = '{pattern}'\nrecording_enabled = true\ntime_zone = 'UTC'\n"
    leads = source(
        tmp_path, "C-1/a-yes.20261119-081240.wav", "C-1/b-no.20261119-081240.mp3", settings=settings
    ).listing().leads  # fmt: skip
    assert [(lead.lead_id, lead.answered, lead.received_at.hour) for lead in leads] == [("a", True, 8), ("b", False, 8)]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("pattern = '(?P<lead_id>.+)'", "(?P<received_at>...)"),
        (f"pattern = '{PATTERN}'", "campaign_id, answered, recording_enabled"),
        (f"pattern = '{PATTERN}'\ncampaign_id = 'C-1'\nanswered = true", "recording_enabled"),
    ],
)
def test_a_pattern_that_leaves_something_untold_stops_the_night(tmp_path: Path, settings: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        source(tmp_path, settings=settings).listing()
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("told", "iso"),
    [
        ("2026-11-19T08-12-40", "2026-11-19T08:12:40"),
        ("2026-11-19T08-12-40-06-00", "2026-11-19T08:12:40-06:00"),
        ("2026-11-19_08-12-40", "2026-11-19T08:12:40"),
        ("20261119T081240Z", "2026-11-19T08:12:40+00:00"),
        ("20261119-081240", "2026-11-19T08:12:40"),
        ("20261119081240", "2026-11-19T08:12:40"),
        ("2026-11-19 08.12", "2026-11-19T08:12:00"),
        ("2026-11-19T08:12:40.123+0100", "2026-11-19T08:12:40+01:00"),
        ("19-11-2026", "19-11-2026"),
    ],
)
def test_date_times_of_names_are_read(told: str, iso: str) -> None:
    assert date_time(told) == iso


def test_a_masked_name_fits_a_line() -> None:
    assert masked("a\n614" + "x" * 1000 + ".wav") == "a?###" + "x" * 55 + "…" + "x" * 55 + ".wav"


NESTED = [
    r"(?P<a>(x+x+)+)y",
    r"(?P<a>(x|x)*)y",
    r"(?P<a>.*.*.*.*.*.*.*.*)y",
    r"(?P<a>(x*)*)y",
    r"(?P<a>(x{0,9}){0,9})y",
]


@pytest.mark.parametrize("pattern", NESTED)
def test_a_pattern_that_would_try_for_ever_reads_each_letter_once(pattern: str) -> None:
    """Python's own matcher tries 2 to the power of 500 ways, or 500 to that of 8; this test would never end."""
    assert LinearPattern(pattern).match("x" * 500) is None
    assert LinearPattern(pattern).match("x" * 60 + "y") == {"a": "x" * 60}


def test_a_name_of_more_than_500_letters_is_not_read() -> None:
    pattern = NamePattern(r"(?P<lead_id>x+)(?P<received_at>)")
    assert pattern.row("x" * 501) == "its name is longer than 500 letters"
    assert LinearPattern(".*").match("x" * 501) is None


SAME = [
    r"(?P<a>[^_]+)_(?P<b>.*)_(?P<c>\d+)\.wav", r"(?P<a>a*?)(?P<b>a*)", r"(?P<a>a|ab)(?P<b>c|bcd)?(?P<c>d*)",
    r"(?:(?P<a>a)|b)*", r"(?P<a>a{2,3}?)(?P<b>[ab]{0,2})a?", r"((?P<a>a+)b?)+", r"(?P<a>a{2})(?P<b>b{1,})",
    r"^(?P<a>[]a-c_]{1,4}?)(?P<b>\w*)(?P<c>|_|\W)$", r"(?P<a>(a|b|)*)(?P<b>c+?)d??.*",
]  # fmt: skip


@pytest.mark.parametrize("pattern", SAME)
@given(text=st.text("abcd_1].", max_size=12) | st.text("ab_1", max_size=5).map(lambda told: f"{told}_a_12.wav"))
def test_it_finds_what_pythons_own_matcher_finds(pattern: str, text: str) -> None:
    found = re.fullmatch(pattern, text)
    wanted = found and {name: value or "" for name, value in found.groupdict().items()}
    assert LinearPattern(pattern).match(text) == wanted


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=a)", "(?P<a>a)(?P=a)", r"(a)\1", r"\bx", "(?i)a", "a**", "a*+", "(a", "a)", "[a", "a{3,2}", "a{x}", "*a",
        "a$b", "[z-a]", "(?P<a>a)(?P<a>b)", "((a{99}){99})", "(" * 60 + ")" * 60, "a" * 1001, "a\\", "(?P<A-b>a)",
    ],
)  # fmt: skip
def test_a_pattern_that_is_none_or_could_run_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        LinearPattern(pattern)
