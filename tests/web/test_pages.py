"""Every page answers to those who may see it, and to nobody else."""

from __future__ import annotations

import pytest
from review_desk import ReviewDesk

PAGES = {
    "/queue": {"viewer", "reviewer", "triage_lead", "policy_admin", "auditor"},
    "/leads/L1": {"viewer", "reviewer", "triage_lead", "policy_admin", "auditor"},
    "/leads/L1/standing": {"viewer", "reviewer", "triage_lead", "policy_admin", "auditor"},
    "/leads/L1/audio": {"reviewer", "triage_lead", "auditor"},
    "/leads/L1/alike": {"triage_lead"},
    "/dashboard": {"viewer", "reviewer", "triage_lead", "policy_admin", "auditor"},
    "/dashboard/leads?chart=x&key=y": {"viewer", "reviewer", "triage_lead", "policy_admin", "auditor"},
    "/access-log": {"auditor"},
    "/my-leads": {"pipes", "strangers"},
    "/my-leads/L1": {"pipes"},
}
EVERYBODY = ["viewer", "reviewer", "triage_lead", "policy_admin", "auditor", "pipes", "strangers"]


@pytest.mark.parametrize("name", EVERYBODY)
def test_a_page_is_for_the_roles_that_may_see_it(desk: ReviewDesk, name: str) -> None:
    browser = desk.signed_in(name)
    seen = {path for path in PAGES if browser.http.get(path).status_code == 200}
    assert seen == {path for path, allowed in PAGES.items() if name in allowed}


def test_nobody_who_is_not_signed_in_sees_a_page(desk: ReviewDesk) -> None:
    browser = desk.signed_in("viewer")
    browser.http.cookies.clear()
    answers = {browser.http.get(path, follow_redirects=False).headers.get("location", "")[:14] for path in PAGES}
    assert answers == {"/sign-in?back="}
