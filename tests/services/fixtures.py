"""Pytest's fixtures for the services; a test that asks for one not installed is skipped and says why."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from tests.services.postgres import fresh_database, running_postgres
from tests.services.programs import POSTGRES, RABBITMQ
from tests.services.rabbitmq import running_rabbitmq


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The SQLAlchemy URL of a PostgreSQL cluster that this run shares; change nothing in its own database."""
    programs = POSTGRES.find_folder() or pytest.skip(POSTGRES.absence)
    with running_postgres(programs) as url:
        yield url


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The SQLAlchemy URL of an empty PostgreSQL database of the test's own."""
    with fresh_database(postgres_url, fresh_name()) as url:
        yield url


def fresh_name() -> str:
    """Return a name that no database has."""
    return f"test_{secrets.token_hex(4)}"


@pytest.fixture(scope="session")
def rabbitmq_url() -> Iterator[str]:
    """The AMQP URL of a RabbitMQ node that this run shares; give your queues a name of your own."""
    programs = RABBITMQ.find_folder() or pytest.skip(RABBITMQ.absence)
    with running_rabbitmq(programs) as url:
        yield url
