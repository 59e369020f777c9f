-- Times are whole microseconds since 1970 in UTC; identities are 16 bytes, big-endian.

create table database (
    one          integer primary key check (one = 1),
    database_id  blob    not null,
    shard_count  integer not null,
    created_at   integer not null,
    checks       integer not null default 0 -- counts health checks, so that a check is a real write
);

create table shards (
    shard           integer primary key,
    epoch           integer not null default 0,
    checkpoint_seq  integer not null default 0,
    published_seq   integer not null default 0,
    metadata        blob    not null default x''
);

-- A table with a rowid, though its key is (shard, first_seq): new rows then go to the end of one tree, whatever their shard, and
-- only small index entries go to the middle. Without the rowid an append of 64 segments took three times as long.
create table journal (
    shard      integer not null,
    first_seq  integer not null,
    last_seq   integer not null,
    epoch      integer not null,
    commit_id  blob    not null,
    at         integer not null,
    payload    blob    not null,
    primary key (shard, first_seq)
);

-- Kept up to date by every append and trim: counting would read the whole journal.
create table journal_totals (
    one            integer primary key check (one = 1),
    segments       integer not null,
    payload_bytes  integer not null
);

insert into journal_totals values (1, 0, 0);

create table entities (
    shard       integer not null,
    kind        text    not null,
    id          text    not null,
    version     integer not null,
    sequence    integer not null,
    document    blob,                       -- null in the tombstone of a removed entity
    metadata    blob    not null,
    at          integer not null,
    quarantine  text,                       -- why it can't be read; null for a healthy entity
    primary key (shard, kind, id)
);

create index entities_quarantined on entities (shard, kind, id) where quarantine is not null;

create table snapshots (
    shard     integer not null,
    kind      text    not null,
    id        text    not null,
    version   integer not null,
    sequence  integer not null,
    document  blob,
    at        integer not null,
    primary key (shard, kind, id, version)
);

create index snapshots_by_time on snapshots (at);

create table dead_letters (
    id        integer primary key autoincrement,
    source    text    not null,
    shard     integer not null,
    kind      text    not null,
    entity    text    not null,
    sequence  integer not null,
    payload   blob    not null,
    error     text    not null,
    attempts  integer not null,
    at        integer not null
);
