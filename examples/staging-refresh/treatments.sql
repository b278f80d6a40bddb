-- What each treatment makes of a value. The key is made for one refresh and kept nowhere, so nobody can
-- try names until a pseudonym fits. Functions of pg_temp are gone when the session ends.
create function pg_temp.pseudonym(value text) returns text language sql stable as
  $$ select substr(encode(sha256(convert_to(current_setting('refresh.key') || ':' || value, 'UTF8')), 'hex'), 1, 16) $$;

create function pg_temp.treatment(kind text, column_name text) returns text language sql immutable as $$
  select case kind
    when 'email' then format('%L || pg_temp.pseudonym(lower(%I::text)) || %L', 'user-', column_name, '@example.org')
    when 'name'  then format('%L || pg_temp.pseudonym(%I::text)', 'Person ', column_name)
    when 'token' then format('pg_temp.pseudonym(%I::text)', column_name)
    when 'month' then format('date_trunc(%L, %I)', 'month', column_name)
    when 'text'  then format('regexp_replace(regexp_replace(%I::text, %L, %L, %L), %L, %L, %L)', column_name, '[[:alpha:]]', 'x', 'g', '[[:digit:]]', '0', 'g')
    when 'null'  then 'null'
    when 'json'  then format('case when %I is null then null else %L::jsonb end', column_name, '{}')
  end
$$;
