-- The economy ledger: what increments have added and taken, by UTC day (as 2026-05-01), kind, path and reason. A shard's rows are written whole, with its checkpoint.
create table ledger (
    shard         integer not null,
    day           text    not null,
    kind          text    not null,
    path          text    not null,
    reason        text    not null,
    sources       integer not null,
    source_count  integer not null,
    sinks         integer not null,
    sink_count    integer not null,
    real_sources  real    not null,
    real_sinks    real    not null,
    primary key (shard, day, kind, path, reason)
) without rowid;

create index ledger_by_day on ledger (day, kind, path, reason);
