"""Real PostgreSQL, RabbitMQ and Chromium for tests: found or installed, started for a run, then gone."""
