"""Full-text search over transcripts: SQLite's FTS5, PostgreSQL's text search, one face.

Addresses and phone numbers are masked before words are indexed: nobody finds a lead by what a mask hides from them.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, delete, select, text

from insights.domain.addresses import without_contacts

searchable = Table(
    "searchable",  # which transcripts are indexed, and under which number
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_MOST_WORDS = 12
"""Of one search: more are a paste, not a question."""
_LONGEST_WORD, _MOST_INDEXED = 100, 250_000
"""Characters of a word, and of all words of a call: PostgreSQL refuses longer words and a megabyte of them."""


def make_word_index(connection: Connection) -> None:
    """Make the index where it is missing."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            "CREATE VIRTUAL TABLE IF NOT EXISTS transcript_words USING fts5(words, tokenize='unicode61')"
        )
        return
    connection.exec_driver_sql(
        "CREATE TABLE IF NOT EXISTS transcript_words (number INTEGER PRIMARY KEY, words TSVECTOR NOT NULL)"
    )
    connection.exec_driver_sql(
        "CREATE INDEX IF NOT EXISTS transcript_words_by_word ON transcript_words USING GIN (words)"
    )


def add_words(connection: Connection, key: str, said: str) -> None:
    """Index the words of a transcript, once; its key stands for its content."""
    if connection.execute(select(searchable.c.number).where(searchable.c.key == key)).first() is not None:
        return
    done = connection.execute(searchable.insert().values(key=key))
    number = done.inserted_primary_key[0] if done.inserted_primary_key else None
    words = " ".join(dict.fromkeys(_words(without_contacts(said))))[:_MOST_INDEXED]
    if connection.dialect.name == "sqlite":
        insert = "INSERT INTO transcript_words(rowid, words) VALUES (:number, :words)"
    else:
        insert = "INSERT INTO transcript_words(number, words) VALUES (:number, to_tsvector('simple', :words))"
    connection.execute(text(insert), {"number": number, "words": words})


def drop_words(connection: Connection, keys: Collection[str]) -> None:
    """Forget the words of some transcripts."""
    column = "rowid" if connection.dialect.name == "sqlite" else "number"
    for number in connection.execute(select(searchable.c.number).where(searchable.c.key.in_(list(keys)))).scalars():
        connection.execute(text(f"DELETE FROM transcript_words WHERE {column} = :number"), {"number": number})  # noqa: S608 - our own name
        connection.execute(delete(searchable).where(searchable.c.number == number))


def forget_dropped_words(connection: Connection) -> None:
    """SQLite only marks words as dropped until the parts of its index are merged; PostgreSQL vacuums by itself."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO transcript_words(transcript_words) VALUES ('optimize')")


def find_words(connection: Connection, asked: str) -> str | None:
    """SQL that selects the numbers of the transcripts that hold every word asked for (the last one as a beginning),
    with its bound words in ``:words``; None where nothing is asked. See ``asked_words`` for the binding."""
    if not asked_words(connection, asked):
        return None
    if connection.dialect.name == "sqlite":
        return "SELECT rowid AS number FROM transcript_words WHERE transcript_words MATCH :words"
    return "SELECT number FROM transcript_words WHERE words @@ to_tsquery('simple', :words)"


def asked_words(connection: Connection, asked: str) -> str:
    """A person's words as a query of the database's own language; nothing they type is an operator of it."""
    words = _words(asked.lower())[:_MOST_WORDS]
    if not words:
        return ""
    if connection.dialect.name == "sqlite":
        return " ".join(f'"{word}"' for word in words) + "*"
    quoted = ["'" + word.replace("'", "''") + "'" for word in words]
    return " & ".join(quoted) + ":*"


def _words(said: str) -> list[str]:
    return [word[:_LONGEST_WORD] for word in _WORD.findall(said)]
