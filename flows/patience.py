"""How long a night waits for a database that is busy or went away."""

from __future__ import annotations

from datetime import timedelta

import stamina

from insights.errors import DatabaseBusy

patiently = stamina.retry(on=DatabaseBusy, attempts=None, timeout=timedelta(minutes=3), wait_max=10.0)
"""Does a function's work again for so long. Only for work that changes nothing when it is done twice: where a database
goes away at a transaction's end, nobody knows whether that stands."""
