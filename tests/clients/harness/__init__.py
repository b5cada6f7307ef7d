"""What the tests of the clients stand on: a PostgreSQL, the running service, clients as processes, documents that run."""
