"""Real PostgreSQL and RabbitMQ for the tests: found or installed, started for one run, gone afterwards."""
