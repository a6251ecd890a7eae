"""The services are real: they store, they deliver, they leave nothing behind."""

from __future__ import annotations

import psycopg
import pytest
from kombu import Connection
from sqlalchemy import create_engine, text

from tests.services.postgres import fresh_database


def test_postgres_answers_through_sqlalchemy(postgres_database: str) -> None:
    engine = create_engine(postgres_database)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
        assert connection.execute(text("SHOW server_encoding")).scalar_one() == "UTF8"
    engine.dispose()


def test_a_database_is_empty_and_goes_with_its_open_sessions(postgres_url: str) -> None:
    with fresh_database(postgres_url, "first") as url:
        left_open = psycopg.connect(_plain(url), autocommit=True)
        left_open.execute("CREATE TABLE mark (id int)")
        with fresh_database(postgres_url, "second") as other, psycopg.connect(_plain(other)) as connection:
            assert connection.execute("SELECT to_regclass('mark')").fetchone() == (None,)

    with pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    left_open.close()
    with psycopg.connect(_plain(postgres_url)) as connection:
        names = connection.execute("SELECT datname FROM pg_database").fetchall()
    assert not {("first",), ("second",)} & set(names)


def test_rabbitmq_delivers_once_across_connections(rabbitmq_url: str) -> None:
    with Connection(rabbitmq_url) as sender:
        queue = sender.SimpleQueue("services-once")
        queue.put({"job": "一"})
        queue.close()

    with Connection(rabbitmq_url) as receiver:
        queue = receiver.SimpleQueue("services-once")
        message = queue.get(timeout=5)
        assert message.payload == {"job": "一"}
        message.ack()
        with pytest.raises(queue.Empty):
            queue.get(timeout=0.2)
        queue.close()


def test_rabbitmq_delivers_again_what_was_not_acknowledged(rabbitmq_url: str) -> None:
    with Connection(rabbitmq_url) as first:
        queue = first.SimpleQueue("services-again")
        queue.put({"job": 2})
        assert not queue.get(timeout=5).delivery_info["redelivered"]

    with Connection(rabbitmq_url) as second:
        queue = second.SimpleQueue("services-again")
        message = queue.get(timeout=5)
        assert message.delivery_info["redelivered"]
        message.ack()
        queue.close()


def _plain(url: str) -> str:
    """Return the URL as psycopg itself reads it."""
    return url.replace("+psycopg", "", 1)
