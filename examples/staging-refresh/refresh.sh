#!/bin/sh
# Refreshes staging from a backup: imports, anonymises, checks, publishes. Where any of it fails, staging stays as it
# is, and the new database, which may hold production data, is dropped.
#
#   refresh.sh BACKUP DATABASE ROLE
set -eu
backup=${1:?from which backup?}
database=${2:?which database?}
role=${3:?for which role?}
here=$(dirname "$0")
REFRESH_NEW=$database-next
export REFRESH_NEW

drop() {
  psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 service=staging << 'SQL'
\getenv new REFRESH_NEW
set client_min_messages = warning;
drop database if exists :"new" with (force);
SQL
}
trap drop EXIT
trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM
"$here/import.sh" "$backup" "$REFRESH_NEW"
"$here/check.sh" "$REFRESH_NEW"
"$here/publish.sh" "$REFRESH_NEW" "$database" "$role"
