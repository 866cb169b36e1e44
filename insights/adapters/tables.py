"""The database's tables."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

schema_versions = Table(
    "schema_versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", String(100), nullable=False),
)
campaign_versions = Table(
    "campaign_versions",
    metadata,
    Column("campaign_id", String(100), primary_key=True),
    Column("since", String(40), primary_key=True),  # UTC, ISO 8601
    Column("body", JSON, nullable=False),
)
leads = Table(
    "leads",
    metadata,
    Column("lead_id", String(100), primary_key=True),
    Column("campaign_id", String(100), nullable=False),
    Column("source", Text, nullable=False),
    Column("received_at", String(40), nullable=False),  # UTC, ISO 8601: sorts as text on both databases
    Column("body", JSON, nullable=False),
    Column("caller", String(80)),  # a keyed hash; null in rows of older versions
    Index("leads_by_caller", "caller"),
    Index("leads_by_caller_and_receipt", "caller", "received_at"),
)
screenings = Table(
    "screenings", metadata, Column("lead_id", String(100), primary_key=True), Column("body", JSON, nullable=False)
)
recordings = Table(
    "recordings",
    metadata,
    Column("lead_id", String(100), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Index("recordings_by_content", "sha256"),
)
failures = Table(
    "failures", metadata, Column("lead_id", String(100), primary_key=True), Column("body", JSON, nullable=False)
)
transcripts = Table(
    "transcripts", metadata, Column("key", String(64), primary_key=True), Column("body", JSON, nullable=False)
)
transcript_contents = Table(
    "transcript_contents",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("key", String(64), nullable=False),
)
transcript_recordings = Table(
    "transcript_recordings",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("audio_sha256", String(64), nullable=False),
    Index("transcripts_by_recording", "audio_sha256"),
)
scores = Table("scores", metadata, Column("key", String(64), primary_key=True), Column("body", JSON, nullable=False))
facts = Table("facts", metadata, Column("key", String(64), primary_key=True), Column("body", JSON, nullable=False))
reliabilities = Table(
    "reliabilities", metadata, Column("model", String(100), primary_key=True), Column("body", JSON, nullable=False)
)
lead_summaries = Table(
    "lead_summaries",
    metadata,
    Column("lead_id", String(100), primary_key=True),
    Column("campaign_id", String(100), nullable=False),
    Column("received_at", String(40), nullable=False),
    Column("state", String(40), nullable=False),
    Column("waits", Boolean, nullable=False),
    Column("still_open", Boolean, nullable=False),
    Column("expirable", Boolean, nullable=False),
    Column("worth", Float, nullable=False),
    Column("expires_at", String(40), nullable=False),
    Column("due_at", String(40)),
    Column("facts", JSON, nullable=False),
    # what the review app's queue is filtered and counted by; ``version`` grows with every change of any row
    Column("client_id", String(100), nullable=False),
    Column("trade", String(200), nullable=False),
    Column("source", Text, nullable=False),
    Column("verdict", String(40), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("probability", Float),
    Column("reviewer", Text, nullable=False),
    Column("reviewing_since", String(40)),
    Column("version", Integer, nullable=False),
    Index("summaries_by_version", "version"),
    Index("summaries_by_client", "client_id", "received_at"),
    Index("summaries_waiting", "waits", "expires_at"),
    Index("summaries_still_open", "still_open", "expires_at"),
    Index("summaries_by_receipt", "received_at"),
)
switches = Table(
    "switches",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("is_on", Boolean, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", String(40), nullable=False),
)
entries = Table(
    "entries",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("key", String(300), nullable=False, unique=True),
    Column("lead_id", String(100), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("at", String(40), nullable=False),
    Column("actor", Text, nullable=False),
    Column("body", JSON, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Index("entries_by_lead", "lead_id", "sequence"),
    Index("entries_by_actor", "actor", "sequence"),
)
texts = Table(
    "texts",
    metadata,
    Column("seal", String(64), primary_key=True),
    Column("lead_id", String(100), nullable=False),
    Column("salt", String(64), nullable=False),
    Column("text", JSON, nullable=False),  # as JSON: PostgreSQL's own texts cannot hold every character
    Index("texts_by_lead", "lead_id"),
)
accesses = Table(
    "accesses",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", String(40), nullable=False),
    Column("who", Text, nullable=False),
    Column("role", String(40), nullable=False),
    Column("what", String(100), nullable=False),
    Column("lead_id", String(100), nullable=False),
    Index("accesses_by_lead", "lead_id", "number"),
)
marks = Table(
    "marks",  # what the record knows of itself: its end, and which key its callers are known by
    metadata,
    Column("name", String(100), primary_key=True),
    Column("value", String(100), nullable=False),
)
nights = Table(
    "nights",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("as_of", String(40), nullable=False),
    Column("body", JSON, nullable=False),
    Column("closed_at", String(40)),  # null in rows of older versions
    Index("nights_by_instant", "as_of"),
)
users = Table(
    "users",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("role", String(40), nullable=False),
    Column("client_id", String(100), nullable=False),
    Column("password", Text, nullable=False),  # its argon2 hash
    Column("disabled", Boolean, nullable=False),
    Column("created_at", String(40), nullable=False),
)
sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("created_at", String(40), nullable=False),
    Column("seen_at", String(40), nullable=False),
    Column("form_token", String(64), nullable=False),
    Index("sessions_by_name", "name"),
)
sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", String(40), nullable=False),
    Column("name", String(200), nullable=False),
    Column("address", String(100), nullable=False),
    Index("sign_in_failures_by_instant", "at"),
)
saved_views = Table(
    "saved_views",
    metadata,
    Column("owner", String(100), primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("query", Text, nullable=False),
)
deliveries = Table(
    "deliveries",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("lead_id", String(100), nullable=False),
    Column("state", String(20), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", String(40)),
    Column("error", Text, nullable=False),
    Column("at", String(40)),
)
leases = Table(
    "night_lease",  # the first lease there was; the others came to live with it
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("owner", String(200), nullable=False),
    Column("until", String(40), nullable=False),
)
night_work = Table(
    "night_work",  # the leads that the running night still has to work, and which worker has them in hand
    metadata,
    Column("lead_id", String(100), primary_key=True),
    Column("source", Text, nullable=False),
    Column("as_of", String(40), nullable=False),
    Column("place", Integer, nullable=False),  # leads that expire soonest come first
    Column("owner", String(200)),
    Column("until", String(40)),
    Column("tries", Integer, nullable=False),
    Index("night_work_by_place", "place"),
    Index("night_work_by_owner", "owner"),
)
night_reports = Table(
    "night_reports",  # what each worker did for the running night
    metadata,
    Column("number", Integer, primary_key=True),
    Column("owner", String(200), nullable=False),
    Column("body", JSON, nullable=False),
)
source_cursors = Table(
    "source_cursors",  # up to when a source was listed without a gap
    metadata,
    Column("source", String(500), primary_key=True),
    Column("until", String(40), nullable=False),
)
request_counts = Table(
    "request_counts",  # requests to a provider's account, by minute since 1970, as long as its quota remembers them
    metadata,
    Column("account", String(500), primary_key=True),
    Column("minute", Integer, primary_key=True, autoincrement=False),
    Column("requests", Integer, nullable=False),
)
hints = Table(
    "hints",  # calls that a provider's webhook told of, until the listing of a night tells them
    metadata,
    Column("source", String(500), primary_key=True),
    Column("call_id", String(100), primary_key=True),
    Column("at", String(40), nullable=False),
    Column("settled", Boolean, nullable=False),
)
alerts = Table(
    "alerts",  # what was noticed, once each, and when it was told
    metadata,
    Column("key", String(200), primary_key=True),
    Column("at", String(40), nullable=False),
    Column("body", JSON, nullable=False),
    Column("told_at", String(40)),
    Column("tries", Integer, nullable=False),
    Index("alerts_by_instant", "at"),
)
