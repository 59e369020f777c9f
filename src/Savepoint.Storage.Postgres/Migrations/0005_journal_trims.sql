-- How often rows of the journal were removed. An append looks for rows behind its own only where that has changed: a position that was taken is free again
-- only after a trim. A trigger, so that it counts whoever removes: nodes of an older version too, and people. As its owner, who may write the count.
create table journal_trims (
    one    integer primary key check (one = 1),
    trims  bigint  not null
) with (fillfactor = 10);

insert into journal_trims (one, trims) values (1, 0);

create function count_journal_trim() returns trigger language plpgsql security definer set search_path from current as $$
begin
    update journal_trims set trims = trims + 1 where one = 1;
    return null;
end
$$;

create trigger journal_trimmed before delete on journal for each statement execute function count_journal_trim();
create trigger journal_emptied before truncate on journal for each statement execute function count_journal_trim();
