#!/bin/sh
# Anonymises every column as columns.tsv says, in one transaction. A column that the list does not have, one that it
# has and the database has not, and a treatment that there is not stop it, and nothing is changed.
#
#   anonymise.sh DATABASE
set -eu
database=${1:?which database?}
here=$(cd "$(dirname "$0")" && pwd)
REFRESH_KEY=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
REFRESH_COLUMNS=$(grep -v -e '^#' -e '^$' "${COLUMNS_FILE:-$here/columns.tsv}")
export REFRESH_KEY REFRESH_COLUMNS
psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --set=treatments="$here/treatments.sql" "service=staging dbname=$database" << 'SQL'
\getenv key REFRESH_KEY
\getenv listed REFRESH_COLUMNS
begin;
select set_config('refresh.key', :'key', true) \g /dev/null
\i :treatments

create temporary table wanted on commit drop as
  select split_part(line, E'\t', 1) as relation, split_part(line, E'\t', 2) as name, split_part(line, E'\t', 3) as treatment
  from regexp_split_to_table(:'listed', E'\r?\n') as line;

create temporary table present on commit drop as
  select format('%s.%s', n.nspname, c.relname) as relation, a.attname as name, n.nspname as schema, c.relname as bare,
    case c.relkind when 'r' then 'only' else '' end as alone -- a table that others inherit from does not stand for them
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and c.relispartition is false and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_%';

do $$
declare said text;
begin
  select string_agg(format('%s.%s', relation, name), ', ' order by relation, name) into said from present left join wanted using (relation, name) where treatment is null;
  if said is not null then raise exception 'not in the list of columns: %', said using hint = 'say in columns.tsv what becomes of them'; end if;
  select string_agg(format('%s.%s', relation, name), ', ' order by relation, name) into said from wanted left join present using (relation, name) where bare is null;
  if said is not null then raise exception 'in the list of columns and not in the database: %', said using hint = 'correct or remove them in columns.tsv'; end if;
  select string_agg(format('%s.%s: "%s"', relation, name, treatment), ', ' order by relation, name) into said from wanted where treatment <> 'keep' and pg_temp.treatment(treatment, name) is null;
  if said is not null then raise exception 'no such treatment: %', said; end if;
end $$;

-- One statement for each table, so that each row is written once.
select format('update %s %I.%I set %s', alone, schema, bare, string_agg(format('%I = %s', name, pg_temp.treatment(treatment, name)), ', ' order by name))
from present join wanted using (relation, name) where treatment <> 'keep'
group by alone, schema, bare order by schema, bare
\gexec

select format('%s columns of %s tables anonymised, %s kept', count(*) filter (where treatment <> 'keep'), count(distinct relation), count(*) filter (where treatment = 'keep')) from wanted;
commit;
SQL
