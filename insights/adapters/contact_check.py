"""Whether a form's phone number and e-mail address can work: number plan, address syntax, domain."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable

from insights.domain.leads import FormContact
from insights.domain.verdicts import ContactCheck

_EMAIL = re.compile(r"[^@\s]{1,64}@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63})")
_NEVER_MAIL = ("invalid", "test", "localhost", "local")
"""Top-level names that RFC 2606 and RFC 6762 keep out of the public mail system, ``example`` aside (see below)."""


def resolves(domain: str) -> bool | None:
    """Whether a domain has an address; None when no resolver can be asked."""
    try:
        socket.getaddrinfo(domain, 25, proto=socket.IPPROTO_TCP)
    except socket.gaierror as error:
        return None if error.errno == socket.EAI_AGAIN else False
    except OSError:
        return None
    return True


def unasked(domain: str) -> bool | None:
    """A resolver that asks nobody: the domain is taken to exist. For machines without a network."""
    return None


class ContactCheckByPlan:
    """Judges a number by the national number plan (phonenumbers) and an address by syntax and domain.

    A number counts as working when the plan could have issued it in the region, or when it belongs to the range that
    is reserved for examples; only a number no exchange can carry counts as dead. ``resolver`` says whether a domain
    exists (None: unknown, which counts for the lead being reachable).
    """

    def __init__(self, resolver: Callable[[str], bool | None] = unasked, region: str = "US") -> None:
        self._resolver, self._region = resolver, region

    def check(self, form: FormContact) -> ContactCheck:
        phone, phone_says = self._phone(form.phone)
        email, email_says = self._email(form.email)
        return ContactCheck(phone, email, f"phone: {phone_says}; e-mail: {email_says}")

    def _phone(self, number: str) -> tuple[bool, str]:
        if not number.strip():
            return False, "none given"
        import phonenumbers

        try:
            parsed = phonenumbers.parse(number, self._region)
        except phonenumbers.NumberParseException:
            return False, "no phone number"
        if not phonenumbers.is_possible_number(parsed):
            return False, "wrong length for its country"
        national = str(parsed.national_number)
        if parsed.country_code == 1 and (national[0] in "01" or national[3] in "01"):
            return False, "no exchange of the number plan can carry it"
        return True, "the number plan can carry it"

    def _email(self, address: str) -> tuple[bool, str]:
        if not address.strip():
            return False, "none given"
        match = _EMAIL.fullmatch(address.strip())
        if match is None:
            return False, "no e-mail address"
        domain = match.group(1).lower()
        if domain.rsplit(".", 1)[-1] in _NEVER_MAIL:
            return False, f"the domain {domain} can never receive mail"
        found = self._resolver(domain)
        if found is False:
            return False, f"the domain {domain} does not exist"
        return True, "syntax and domain stand" if found else "syntax stands, domain not asked"
