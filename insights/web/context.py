"""Where in the queue somebody works: the filter and the leads they passed over travel in the address of every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Form, Query
from fastapi.responses import RedirectResponse, Response

from insights.domain.leads import LeadId
from insights.domain.queue_filters import QueueFilter
from insights.errors import MoveRefused
from insights.pipeline.decide import start_review
from insights.pipeline.queue_page import next_lead
from insights.web.desk import Desk, Visitor, plain_query

_MOST_SKIPPED = 30
_LONGEST = 4000
_MOST_RACES = 20
_MOST_PARAMETERS = 50


@dataclass(frozen=True)
class Context:
    """``filter`` of the queue; ``skipped`` leads, the one passed over longest ago first."""

    filter: QueueFilter
    skipped: tuple[LeadId, ...]

    @property
    def queue(self) -> str:
        """The filter as the part of the queue's address behind the question mark."""
        return plain_query(self.filter.as_query())

    def lead(self, lead_id: str, **more: str) -> str:
        """The address of a lead's page in this context."""
        told = {"queue": self.queue, "skipped": " ".join(self.skipped), **more}
        query = plain_query({name: value for name, value in told.items() if value})
        return f"/leads/{lead_id}" + (f"?{query}" if query else "")

    def past(self, lead_id: LeadId) -> Context:
        """The context once a lead was passed over."""
        others = tuple(one for one in self.skipped if one != lead_id)
        return Context(self.filter, (*others, lead_id)[-_MOST_SKIPPED:])


def filter_in(query: str) -> QueueFilter:
    """The filter in a part of an address, whatever was sent; of far too many parameters none is read."""
    return QueueFilter.parse(dict(parse_qsl(query)) if query.count("&") < _MOST_PARAMETERS else {})


def _context(queue: str, skipped: str) -> Context:
    return Context(filter_in(queue), tuple(LeadId(word[:100]) for word in skipped.split()[-_MOST_SKIPPED:]))


def asked_context(
    queue: Annotated[str, Query(max_length=_LONGEST)] = "", skipped: Annotated[str, Query(max_length=_LONGEST)] = ""
) -> Context:
    """A dependency: the context in a page's address."""
    return _context(queue, skipped)


def sent_context(
    queue: Annotated[str, Form(max_length=_LONGEST)] = "", skipped: Annotated[str, Form(max_length=_LONGEST)] = ""
) -> Context:
    """A dependency: the context that a form sent along."""
    return _context(queue, skipped)


def onwards(desk: Desk, who: Visitor, context: Context, lead_id: LeadId, done: str = "") -> Response:
    """On to the lead that comes next, or to the queue where none waits; ``done``: the lead that was just worked.

    The next lead is taken in hand here and not by its page, so that of many who come from lost races each gets another.
    """
    passed = [*context.skipped]
    for _ in range(_MOST_RACES):
        following = next_lead(desk.queue, desk.deps, context.filter, lead_id, who.user.name, desk.now(), passed)
        if following is None or following in passed[len(context.skipped) :]:
            break
        try:
            start_review(desk.deps, following, who.user.name, desk.now())
        except MoveRefused:  # somebody was faster: the one after it
            passed.append(following)
            continue
        return RedirectResponse(context.lead(following, done=done), 303)
    told = context.filter.as_query() | ({"done": done} if done else {})
    return RedirectResponse(f"/queue?{plain_query(told)}".rstrip("?"), 303)
