-- Which shards the database holds, and how all shards are spread over the databases of the whole: one that is connected to by mistake is recognized.

alter table database add column shards text; -- as 0-31
alter table database add column layout text; -- as 0-31,32-63

update database set shards = '0-' || (shard_count - 1), layout = '0-' || (shard_count - 1);

alter table database alter column shards set not null;
alter table database alter column layout set not null;
