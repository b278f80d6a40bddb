#!/bin/sh
# Runs the whole refresh on a PostgreSQL of its own, which is thrown away afterwards, and then everything that has to
# stop it. Needs Debian's package postgresql (15 or newer), and no network.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
bin=$(find /usr/lib/postgresql/*/bin "$(pg_config --bindir 2> /dev/null || echo /nowhere)" -name initdb 2> /dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || { echo "try: there is no PostgreSQL server here; on Debian: apt-get install postgresql" >&2; exit 1; }
bin=$(dirname "$bin")
PATH=$bin:$PATH
if [ "$(id -u)" = 0 ]; then # the server refuses to run as root
  copy=$(mktemp -d)
  trap 'rm -rf "$copy"' EXIT
  cp -R "$here/." "$copy"
  chmod -R a+rX "$copy"
  runuser -u "${PGUSER_OF_THE_SYSTEM:-postgres}" -- env -i PATH="$PATH" "$copy/try/try.sh"
  exit
fi

umask 077
work=$(mktemp -d)
finish() { pg_ctl --pgdata="$work/data" --mode=immediate stop > /dev/null 2>&1 || true; rm -rf "$work"; }
trap finish EXIT
initdb --pgdata="$work/data" --username=postgres --auth=trust --encoding=UTF8 --no-locale > "$work/log"
pg_ctl --pgdata="$work/data" --log="$work/server.log" --wait --options="-c listen_addresses='' -c unix_socket_directories='$work' -c fsync=off" start > /dev/null
PGSERVICEFILE=$work/services
export PGSERVICEFILE
cat > "$PGSERVICEFILE" << SERVICES
[source]
host=$work
dbname=production
user=reader
[staging]
host=$work
dbname=postgres
user=postgres
SERVICES
sql() { psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 "$@"; }
owner="host=$work user=postgres dbname"
sql "$owner=postgres" -c "create database production" -c "create role reader login" -c "create role app login" -c "create database staging"
sql "$owner=production" -f "$here/try/production.sql" -c "grant select on all tables in schema public to reader" -c "grant select on all sequences in schema public to reader"
sql "$owner=staging" -c "create table marker (what text)" -c "insert into marker values ('the old staging')"

fail() { echo "FAILED: $*" >&2; exit 1; }
same() { [ "$2" = "$3" ] || fail "$1: $2, and not $3"; echo "ok    $1: $2"; }
# stops TEXT COMMAND…: the command fails and says so, and staging is as it was.
stops() {
  want=$1; shift
  if "$@" > "$work/said" 2>&1; then fail "$* went through"; fi
  grep -q -e "$want" "$work/said" || fail "$* said: $(cat "$work/said")"
  same "no other database is left" "$(sql "$owner=postgres" -c "select count(*) from pg_database where datname like 'staging-%'")" 0 > /dev/null
  same "stopped ($want), and staging is" "$(sql "$owner=staging" -c 'select what from marker')" "the old staging"
}
refresh() { "$here/refresh.sh" "$1" staging app; }

"$here/export.sh" "$work/export.dump"
backup=$("$here/backup.sh" "$work/export.dump" "$work/backups" | tail -n 1)

echo "# what has to stop a refresh"
sed '/phone/d' "$here/columns.tsv" > "$work/columns"
COLUMNS_FILE=$work/columns stops 'not in the list of columns: public.customers.phone' refresh "$backup"
printf 'public.customers\tshoe_size\tnull\n' | cat "$here/columns.tsv" - > "$work/columns"
COLUMNS_FILE=$work/columns stops 'not in the database: public.customers.shoe_size' refresh "$backup"
sed 's/phone\ttext/phone\tshred/' "$here/columns.tsv" > "$work/columns"
COLUMNS_FILE=$work/columns stops 'no such treatment: public.customers.phone: "shred"' refresh "$backup"
sed 's/customer_email\temail/customer_email\ttoken/' "$here/columns.tsv" > "$work/columns"
COLUMNS_FILE=$work/columns stops 'violates foreign key constraint' refresh "$backup"
# A column that was called harmless and is not: its values are in another column that is treated.
sed 's/preferences\tjson/preferences\tkeep/' "$here/columns.tsv" > "$work/columns"
COLUMNS_FILE=$work/columns stops '500 rows of public.customers hold a value of production' refresh "$backup"
# Treatments that do nothing: the check does not believe them.
broken() { "$work/broken/refresh.sh" "$1" staging app; }
cp -R "$here" "$work/broken"
sed -i "s/'Person ', column_name/'', column_name/; s/pg_temp.pseudonym(%I::text)/%I::text/" "$work/broken/treatments.sql"
stops 'hold a value of production' broken "$backup"
cp "$here/treatments.sql" "$work/broken/treatments.sql"
sed -i "s/, 'month', column_name/, 'day', column_name/" "$work/broken/treatments.sql"
stops 'rows of public.customers hold a whole date in born' broken "$backup"
cp "$backup" "$work/damaged.dump"
(cd "$work" && sha256sum damaged.dump > damaged.dump.sha256 && printf x | dd of=damaged.dump bs=1 seek=5000 conv=notrunc 2> /dev/null)
stops 'FAILED\|did NOT match' refresh "$work/damaged.dump"
sql "$owner=production" -c "alter table sessions add column device text"
"$here/export.sh" "$work/newer.dump" > /dev/null
newer=$("$here/backup.sh" "$work/newer.dump" "$work/newer" | tail -n 1)
stops 'not in the list of columns: public.sessions.device' refresh "$newer"
sql "$owner=production" -c "alter table sessions drop column device"

echo "# a refresh"
refresh "$backup"
next="$owner=staging"
same "customers" "$(sql "$next" -c 'select count(*) from customers')" 500
same "orders that have their customer" "$(sql "$next" -c 'select count(*) from orders join customers on email = customer_email')" 2000
same "sums that are those of production" "$(sql "$next" -c 'select sum(total_cents) from orders')" "$(sql "$owner=production" -c 'select sum(total_cents) from orders')"
same "rows of the view, made of what is anonymised" "$(sql "$next" -c "select count(*) from best where customer_email like 'user-%@example.org'")" 500
same "databases" "$(sql "$owner=postgres" -c "select string_agg(datname, ' ' order by datname) from pg_database where not datistemplate")" "postgres production staging"
same "whom staging lets in" "$(psql --no-psqlrc -tA "host=$work user=app dbname=staging" -c 'select count(*) from customers')" 500
if psql --no-psqlrc -tA "host=$work user=reader dbname=staging" -c 'select 1' > /dev/null 2>&1; then fail "somebody else may connect to staging"; fi
# Not even on the disk: what rows held before is not in the files of the database any more.
sql "$owner=postgres" -c checkpoint
files() { echo "$work/data/base/$(sql "$owner=postgres" -c "select oid from pg_database where datname = '$1'")"; }
sql "$owner=production" -c "select distinct full_name from customers" > "$work/names"
grep -r -a -q -F -f "$work/names" "$(files production)" || fail "the names cannot be found where they are"
if grep -r -a -q -F -f "$work/names" "$(files staging)"; then fail "names of production are in the files of staging"; fi
echo "ok    no name of production is in the files of staging"
echo "all as it should be"
