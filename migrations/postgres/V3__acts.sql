-- What was asked of the service and what became of it.

-- One thing that a caller did or was refused. It is written in the transaction that does it, so that it also tells whether that
-- is committed. Kept under the volume, else under a UUID of what it was done to, so that it can be distributed with its volume.
CREATE TABLE acts (
    target      UUID             NOT NULL,
    request_id  UUID             NOT NULL,
    at          TIMESTAMPTZ      NOT NULL,
    action      TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    -- NULL of what was to be made, and was not
    record      TEXT COLLATE "C",
    transfer_id UUID,
    -- 'done', or the refusal's code
    outcome     TEXT COLLATE "C" NOT NULL,
    -- the code of each rule that said no, as a JSON list
    reasons     TEXT COLLATE "C" NOT NULL,
    project_id  TEXT COLLATE "C" NOT NULL,
    user_id     TEXT COLLATE "C" NOT NULL,
    address     TEXT COLLATE "C",
    PRIMARY KEY (target, request_id)
);

CREATE INDEX acts_by_age ON acts (at, request_id);
CREATE INDEX acts_by_transfer ON acts (transfer_id) WHERE transfer_id IS NOT NULL;

-- How many refusals of a project are kept of an hour, counted from 1970: a flood of them is bounded.
CREATE TABLE refusals (
    project_id TEXT COLLATE "C" NOT NULL,
    hour       BIGINT           NOT NULL,
    kept       BIGINT           NOT NULL,
    PRIMARY KEY (project_id, hour)
);

-- Nobody locks it for long: written to see whether anything can be.
INSERT INTO locks (name)
VALUES ('ready');

-- What clients ask for by name on every call, of a project's or of all; and by status: in the order of a list.
CREATE INDEX volumes_by_name ON volumes (name, project_id, created_at, id);
CREATE INDEX volumes_by_status ON volumes (project_id, status, created_at, id);
CREATE INDEX pending_transfers_by_name ON transfers (name, source_project_id, created_at, id) WHERE state = 'pending';
CREATE INDEX snapshots_by_name ON snapshots (name, project_id, created_at, id);
CREATE INDEX snapshots_by_status ON snapshots (project_id, status, created_at, id);
CREATE INDEX snapshots_by_volume ON snapshots (volume_id, project_id, created_at, id);
CREATE INDEX backups_by_name ON backups (name, project_id, created_at, id);
CREATE INDEX backups_by_status ON backups (project_id, status, created_at, id);
CREATE INDEX backups_by_volume ON backups (volume_id, project_id, created_at, id);
