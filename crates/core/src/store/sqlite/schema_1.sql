-- Sources, destinations, topics, event names, codes: few texts that millions of rows repeat.
CREATE TABLE label (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);

CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;

-- One row for each payload, for good. The bytes are elsewhere, so that a change of state never
-- rewrites them. state: 0 mapped, 1 dropped, 2 parked, 3 redacted, 4 request open, 5 request done,
-- 6 to be fetched.
CREATE TABLE payload (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    topic INTEGER NOT NULL,
    mapping INTEGER NOT NULL,
    delivery_id TEXT,
    received_at INTEGER NOT NULL,
    order_key TEXT,
    updated_at INTEGER,
    state INTEGER NOT NULL,
    reason INTEGER,
    message TEXT,
    path TEXT,
    -- Keyed hashes of 16 bytes, one after the other. They are searched by a scan: redactions are
    -- rare, and an index over hashes would cost every payload several writes to random pages.
    subjects BLOB,
    events INTEGER NOT NULL DEFAULT 0,
    merged INTEGER NOT NULL DEFAULT 0,
    -- When the platform sent it, as it says itself, and whether it was marked as a test: the
    -- mapping is told both, today and again later.
    sent_at TEXT,
    test INTEGER NOT NULL DEFAULT 0,
    -- Of topic and body, where neither an id of the platform nor an event tells a repetition.
    digest BLOB
);
CREATE UNIQUE INDEX payload_delivery_id ON payload (source, delivery_id)
    WHERE delivery_id IS NOT NULL;
CREATE UNIQUE INDEX payload_digest ON payload (source, digest) WHERE digest IS NOT NULL;
CREATE INDEX payload_item ON payload (state, id) WHERE state <> 0;

-- The raw bytes, as an LZ4 block of this length when unpacked; as they are when there is no length.
CREATE TABLE payload_body (payload INTEGER PRIMARY KEY, length INTEGER, body BLOB NOT NULL);

-- One row for each event and destination, for good: it is what recognizes a repetition.
-- state: 0 held, 1 pending, 2 sending, 3 delivered, 4 parked, 5 dropped. lane: 0 fresh, 1 retry.
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY,
    payload INTEGER NOT NULL,
    source INTEGER NOT NULL,
    destination INTEGER NOT NULL,
    name INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    -- 0, but for conflicts that are parked or sent.
    edition INTEGER NOT NULL,
    hash BLOB NOT NULL,
    state INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    -- Whether a newer version may replace it until it is attempted.
    replaceable INTEGER NOT NULL,
    redacted INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    first_at INTEGER,
    first_idle INTEGER,
    received_at INTEGER NOT NULL,
    order_time INTEGER NOT NULL,
    updated_at INTEGER,
    claim BLOB,
    lease_until INTEGER,
    settled_at INTEGER,
    reason INTEGER,
    message TEXT,
    path TEXT
);
CREATE UNIQUE INDEX delivery_key ON delivery (event_id, name, destination, edition);
CREATE INDEX delivery_payload ON delivery (payload);
CREATE INDEX delivery_held ON delivery (destination, not_before) WHERE state = 0;
-- In the order in which they are claimed. It also tells the oldest without a look at the rows.
CREATE INDEX delivery_due ON delivery (destination, lane, not_before, received_at)
    WHERE state = 1;
CREATE INDEX delivery_lease ON delivery (lease_until) WHERE state = 2;
CREATE INDEX delivery_parked ON delivery (payload) WHERE state = 4;

CREATE TABLE event_body (
    delivery INTEGER PRIMARY KEY,
    body BLOB NOT NULL,
    channel INTEGER NOT NULL,
    because TEXT NOT NULL,
    notes TEXT
);

CREATE TABLE attempt (
    delivery INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    class INTEGER NOT NULL,
    status INTEGER,
    answer TEXT,
    PRIMARY KEY (delivery, number)
) WITHOUT ROWID;

CREATE TABLE conflict (
    delivery INTEGER NOT NULL,
    payload INTEGER NOT NULL,
    at INTEGER NOT NULL,
    became INTEGER,
    PRIMARY KEY (delivery, payload)
) WITHOUT ROWID;

CREATE TABLE destination (
    id INTEGER PRIMARY KEY,
    paused_since INTEGER,
    paused_reason INTEGER,
    paused_message TEXT,
    not_before INTEGER,
    breaker_until INTEGER,
    breaker_pause INTEGER,
    idle_before INTEGER NOT NULL,
    idle_since INTEGER
);

CREATE TABLE source_cursor (
    source INTEGER NOT NULL,
    stream TEXT NOT NULL,
    position TEXT NOT NULL,
    PRIMARY KEY (source, stream)
) WITHOUT ROWID;

-- What a refund needs of its order. A redacted row keeps the order from coming back.
CREATE TABLE known_order (
    source INTEGER NOT NULL,
    order_key TEXT NOT NULL,
    aliases TEXT,
    currency TEXT,
    channel INTEGER,
    updated_at INTEGER,
    touched_at INTEGER NOT NULL,
    redacted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (source, order_key)
) WITHOUT ROWID;
CREATE INDEX known_order_touched ON known_order (touched_at) WHERE redacted = 0;

CREATE TABLE customer (
    source INTEGER NOT NULL,
    hash BLOB NOT NULL,
    order_key TEXT NOT NULL,
    ordered_at INTEGER NOT NULL,
    PRIMARY KEY (source, hash)
) WITHOUT ROWID;

-- How many items there are of each kind, so that nobody has to count them.
CREATE TABLE tally (
    source INTEGER NOT NULL,
    destination INTEGER NOT NULL,
    state INTEGER NOT NULL,
    reason INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (source, destination, state, reason)
) WITHOUT ROWID;
