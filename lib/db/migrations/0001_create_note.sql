-- The migrations of migration_test.cpp.
CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE INDEX note_body ON note(body);
