-- How often rows of the journal were removed. An append looks whether it was overtaken only where that has changed: a position that was taken is free again
-- only after rows were removed. A trigger, so that it counts whoever removes: nodes of an older version too, and people. Its update is made with the rights
-- of whoever removes, in the schema of the table: a function with the owner's rights would lend them to others.
create table journal_trims (
    one    integer primary key check (one = 1),
    trims  bigint  not null
) with (fillfactor = 10); -- updated in place again and again, and pruned within its page

insert into journal_trims (one, trims) values (1, 0);

create function count_journal_trim() returns trigger language plpgsql as $$
begin
    execute format('update %I.journal_trims set trims = trims + 1 where one = 1', tg_table_schema);
    return null;
end
$$;

create trigger journal_trimmed before delete on journal for each statement execute function count_journal_trim();
create trigger journal_emptied before truncate on journal for each statement execute function count_journal_trim();
