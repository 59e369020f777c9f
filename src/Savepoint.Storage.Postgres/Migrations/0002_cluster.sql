-- Apart from the table of shards, so that renewing a lease touches nothing that recovery and checkpoints need.

create table cluster (
    one                integer primary key check (one = 1),
    secret             bytea,                       -- what nodes prove by that they belong to each other; the first one makes it
    min_feature_level  integer not null default 0   -- nodes below it can't read what the database holds
);

insert into cluster (one) values (1);

create table nodes (
    node_id        uuid        primary key,
    name           text        not null,
    address        text        not null,
    feature_level  integer     not null,
    can_own        boolean     not null,
    unfit          integer[]   not null default '{}', -- the shards that it can't serve at present
    started_at     timestamptz not null,
    heartbeat_at   timestamptz not null,
    until          timestamptz not null,              -- it counts as living until then
    has_locks      boolean     not null               -- whether its session holds the locks on its name and address
) with (fillfactor = 50);

create table leases (
    shard    integer     primary key,
    node_id  uuid,                        -- the owner; null for nobody
    term     bigint      not null default 0, -- grows with each change of the owner
    until    timestamptz not null default '-infinity'
) with (fillfactor = 50);

create index leases_by_node on leases (node_id);
