-- A shop as it could be in production. Nobody in it exists.
create table customers (
  id bigint generated always as identity primary key,
  email text not null unique,
  full_name text not null,
  phone text,
  born date,
  preferences jsonb not null default '{}'
);
create table orders (
  id bigint generated always as identity primary key,
  customer_email text not null references customers (email),
  total_cents integer not null check (total_cents > 0),
  note text,
  paid_with text,
  created_at timestamptz not null
);
create table sessions (token text primary key, customer_id bigint not null references customers, address inet);
create index on orders (created_at);
create materialized view best as select customer_email, sum(total_cents) as total from orders group by 1;

insert into customers (email, full_name, phone, born, preferences)
select format('customer%s@mail.example', n), format('%s O''Hara-%s', (array['Ada', 'Grace', 'Edsger', 'Barbara', 'Anita'])[1 + n % 5], n),
       format('+49 30 %s', 1000000 + n * 37), date '1950-03-07' + n * 11, jsonb_build_object('newsletter', format('customer%s@mail.example', n))
from generate_series(1, 500) n;
insert into orders (customer_email, total_cents, note, paid_with, created_at)
select format('customer%s@mail.example', 1 + n % 500), 100 + n,
       case when n % 7 = 0 then format(E'Please call %s\nat +49 30 %s', (array['Ada', 'Grace'])[1 + n % 2], 1000000 + n) end,
       format('DE89 3704 0044 %s', 1000 + n % 500), timestamptz '2026-01-01 00:00Z' + n * interval '1 hour'
from generate_series(1, 2000) n;
insert into sessions select md5(n::text), n, format('198.51.100.%s', n % 250)::inet from generate_series(1, 500) n;
refresh materialized view best;
