"""Policy documents are read from a folder, and a bad one is named with its file and key."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from insights.adapters.policy_files import SHIPPED, load_policies
from insights.errors import ConfigurationError

SHIPPED_TEXT = next(SHIPPED.glob("*.toml")).read_text(encoding="utf-8")
SHIPPED_VERSION = load_policies().documents[0]["version"]
EFFECTIVE = load_policies().documents[0]["effective_from"]


def later_policy(version: str = "later") -> str:
    return SHIPPED_TEXT.replace(f'"{SHIPPED_VERSION}"', f'"{version}"', 1).replace(EFFECTIVE, "2030-01-01T00:00:00Z", 1)


def test_the_shipped_policy_loads_and_is_in_force_today() -> None:
    assert load_policies().at(datetime.fromisoformat("2026-11-20T00:00:00Z")).version == SHIPPED_VERSION


def test_the_policy_in_force_is_the_last_one_that_has_begun(tmp_path: Path) -> None:
    (tmp_path / "a-later.toml").write_text(later_policy(), encoding="utf-8")
    (tmp_path / "b-first.toml").write_text(SHIPPED_TEXT, encoding="utf-8")
    book = load_policies(tmp_path)

    assert book.at(datetime.fromisoformat("2029-12-31T23:59:59Z")).version == SHIPPED_VERSION
    assert book.at(datetime.fromisoformat("2030-01-01T00:00:00Z")).version == "later"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version = ", "own.toml: "),
        (SHIPPED_TEXT.replace("review_window_hours", "review_windw_hours", 1), "review_window_hours is missing"),
        (SHIPPED_TEXT.replace("[hearing]", "[hearing]\nloudness = 3", 1), "policy.hearing.loudness is not a policy"),
        (SHIPPED_TEXT.replace("billable = true", "billable = false", 1), "new_customer is always billable"),
        ("\x00", "own.toml: "),
    ],
    ids=["not TOML", "a key is missing", "a key nobody reads", "a new customer made free", "not text"],
)
def test_a_bad_policy_is_named_with_its_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"own\.toml") as caught:
        load_policies(tmp_path)
    assert says in str(caught.value)
    assert caught.value.exit_status == 2


def test_a_folder_without_policies_and_two_of_one_version_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no policy"):
        load_policies(tmp_path)
    (tmp_path / "one.toml").write_text(SHIPPED_TEXT, encoding="utf-8")
    (tmp_path / "two.toml").write_text(SHIPPED_TEXT, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="same version"):
        load_policies(tmp_path)
