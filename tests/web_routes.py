"""The routes of the review app as it has them, so that a test of all of them forgets none that is new."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import FastAPI
from fastapi.routing import APIRoute

FIELDS = {
    "/leads/{lead_id}/decide": {"move": "accept"},
    "/leads/{lead_id}/ask": {"fact": "Which street was it?"},
    "/leads/{lead_id}/reopen": {"note": "It was a mistake."},
    "/my-leads/{lead_id}/request": {"reason": "solicitor", "explanation": "He sells something."},
    "/my-leads/{lead_id}/answer": {"text": "It was Main Street."},
    "/views": {"name": "mine", "query": "reason=solicitor"},
    "/views/drop": {"name": "mine"},
}
"""A good form of each route that needs more than a token."""


def paths(app: FastAPI, method: str) -> list[str]:
    """The paths of all routes that take a method, with their parameters in braces."""
    found = [path for path, methods in _routes(app) if method in methods]
    assert len(found) > 8
    return found


def filled(path: str, lead: str = "L1", sha256: str = "0" * 64) -> str:
    """A path with a lead and a file in it."""
    return path.replace("{lead_id}", lead).replace("{sha256}", sha256)


def _routes(app: FastAPI) -> list[tuple[str, set[str]]]:
    found = _of(app.routes)
    assert set(app.openapi()["paths"]) <= {path for path, _ in found}
    return found


def _of(routes: Iterable[object]) -> list[tuple[str, set[str]]]:
    """The routes of the app and of the routers that it includes."""
    found: list[tuple[str, set[str]]] = []
    for route in routes:
        if isinstance(route, APIRoute):
            found.append((route.path, set(route.methods)))
        elif router := getattr(route, "original_router", None):
            found += _of(router.routes)
    return found
