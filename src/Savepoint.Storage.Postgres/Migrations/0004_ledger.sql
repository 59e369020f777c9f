-- The economy ledger: what increments have added and taken, by UTC day, kind, path and reason. A shard's rows are written whole, with its checkpoint.
create table ledger (
    shard         integer          not null,
    day           date             not null,
    kind          text collate "C" not null,
    path          text collate "C" not null,
    reason        text collate "C" not null,
    sources       bigint           not null,
    source_count  bigint           not null,
    sinks         bigint           not null,
    sink_count    bigint           not null,
    real_sources  double precision not null,
    real_sinks    double precision not null,
    primary key (shard, day, kind, path, reason)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

create index ledger_by_day on ledger (day, kind, path, reason);
