#!/bin/sh
# Shows that no original value survives: takes every value of every column that is treated from production, and looks
# for it in all that the new database holds, in whichever column and letter case. Says where, never what.
#
#   check.sh DATABASE
#
# Values of fewer than four characters say nothing about anybody and occur everywhere; dates are held against their column.
set -eu
umask 077
target="service=staging dbname=${1:?which database?}"
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ask() { psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 "$@"; }
tab=$(printf '\t')
grep -v -e '^#' -e '^$' "${COLUMNS_FILE:-$here/columns.tsv}" > "$work/columns"

# Both sides are written by COPY, which escapes the same characters on both.
while IFS=$tab read -r relation name treatment; do
  case $treatment in keep | month) continue ;; esac
  REFRESH_SCHEMA=${relation%%.*} REFRESH_TABLE=${relation#*.} REFRESH_NAME=$name ask service=source << 'SQL'
\getenv schema REFRESH_SCHEMA
\getenv table REFRESH_TABLE
\getenv name REFRESH_NAME
copy (select distinct regexp_split_to_table(:"name"::text, E'[\r\n]+') from :"schema".:"table" where :"name" is not null) to stdout;
SQL
done < "$work/columns" > "$work/values"
awk 'length($0) >= 4' "$work/values" | sort -u > "$work/originals"
[ -s "$work/originals" ] || { echo "check: production gave no value to look for, so nothing is shown" >&2; exit 1; }

pg_dump --dbname="$target" --data-only --file="$work/dump"
awk '/^COPY /, /^\\\.$/' "$work/dump" > "$work/rows"
[ -s "$work/rows" ] || { echo "check: the new database is empty" >&2; exit 1; }
if grep -n -i -F -f "$work/originals" "$work/rows" | cut -d : -f 1 > "$work/found" && [ -s "$work/found" ]; then
  awk 'NR == FNR { bad[$1] = 1; next } /^COPY / { table = $2 } FNR in bad { count[table]++ }
    END { for (table in count) print "check: " count[table] " rows of " table " hold a value of production" }' "$work/found" "$work/rows" | sort >&2
  exit 1
fi

while IFS=$tab read -r relation name treatment; do
  [ "$treatment" = month ] || continue
  left=$(REFRESH_SCHEMA=${relation%%.*} REFRESH_TABLE=${relation#*.} REFRESH_NAME=$name ask "$target" << 'SQL'
\getenv schema REFRESH_SCHEMA
\getenv table REFRESH_TABLE
\getenv name REFRESH_NAME
select count(*) from :"schema".:"table" where :"name" <> date_trunc('month', :"name");
SQL
)
  [ "$left" = 0 ] || { echo "check: $left rows of $relation hold a whole date in $name" >&2; exit 1; }
done < "$work/columns"
echo "checked: none of $(wc -l < "$work/originals") original values is among $(grep -c -v -e '^COPY ' -e '^\\\.$' "$work/rows") rows"
