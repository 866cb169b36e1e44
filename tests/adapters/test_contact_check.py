"""Whether a form's phone number and e-mail address can work at all."""

from __future__ import annotations

import pytest

from insights.adapters.contact_check import ContactCheckByPlan, resolves
from insights.domain.leads import FormContact


@pytest.mark.parametrize(
    ("phone", "works"),
    [
        ("+1 630 555 0121", True),  # the range kept for examples counts as working
        ("(312) 867-5309", True),
        ("312.867.5309 ext 4", True),
        ("+44 20 7946 0958", True),
        ("", False),
        ("   ", False),
        ("call me", False),
        ("555-0121", False),
        ("+1 123 456 7890", False),
        ("312 167 5309", False),
        ("99999999999999999999", False),
    ],
)
def test_a_number_works_when_some_exchange_could_carry_it(phone: str, works: bool) -> None:
    found = ContactCheckByPlan().check(FormContact(phone=phone))
    assert found.phone_works is works
    assert not found.email_works


@pytest.mark.parametrize(
    ("email", "works"),
    [
        ("dana@example.com", True),
        (" dana.whitfield+roof@mail.example.org ", True),
        ("", False),
        ("dana", False),
        ("dana@", False),
        ("@example.com", False),
        ("dana@nowhere", False),
        ("dana@example..com", False),
        ("da na@example.com", False),
        ("dana@mailbox.invalid", False),
        ("dana@office.local", False),
        ("dana@example.com\nbcc: all", False),
    ],
)
def test_an_address_works_when_its_syntax_and_domain_could_receive_mail(email: str, works: bool) -> None:
    found = ContactCheckByPlan().check(FormContact(email=email))
    assert found.email_works is works
    assert not found.phone_works


@pytest.mark.parametrize(("answer", "works"), [(True, True), (False, False), (None, True)])
def test_a_domain_nobody_can_ask_about_counts_for_the_lead(answer: bool | None, works: bool) -> None:
    asked: list[str] = []

    def resolver(domain: str) -> bool | None:
        asked.append(domain)
        return answer

    check = ContactCheckByPlan(resolver).check(FormContact(email="dana@Example.COM"))
    assert check.email_works is works
    assert asked == ["example.com"]


def test_the_finding_names_both_ways_of_reaching_somebody() -> None:
    finding = ContactCheckByPlan().check(FormContact(phone="call me", email="dana@nowhere")).finding
    assert finding == "phone: no phone number; e-mail: no e-mail address"


def test_a_resolver_knows_this_machine_and_no_name_that_cannot_be() -> None:
    assert resolves("localhost") is True
    assert resolves("no.such.name.invalid") is not True
