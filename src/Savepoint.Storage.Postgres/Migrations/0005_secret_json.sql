-- The kinds that hold secrets have no copy for people: of rows that were written when they had one, the hashes of passwords and the addresses of players could be read
-- here. By shard and kind, as the key has them, so that no other row is looked at.
update entities set json = null where shard in (select shard from shards) and kind in ('sp-account', 'sp-identity') and json is not null;
