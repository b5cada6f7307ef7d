-- What was asked of the service and what became of it.

-- Nobody locks it for long: written to see whether anything can be.
INSERT INTO locks (name)
VALUES ('ready');
