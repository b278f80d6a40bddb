#!/bin/sh
# Imports a backup into a fresh database beside staging, to which nobody else may connect, and anonymises it there.
#
#   import.sh BACKUP DATABASE
#
# Tables and rows come first, indexes and constraints last: those are then made of what the anonymised rows hold, so a
# treatment that breaks a key is an error here and not a riddle in staging.
set -eu
backup=${1:?which backup?}
REFRESH_DATABASE=${2:?into which database?}
export REFRESH_DATABASE
here=$(dirname "$0")
target="service=staging dbname=$REFRESH_DATABASE"

(cd "$(dirname "$backup")" && sha256sum --quiet --check "$(basename "$backup").sha256")
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 service=staging << 'SQL'
\getenv database REFRESH_DATABASE
set client_min_messages = warning;
drop database if exists :"database" with (force);
create database :"database" template template0;
revoke connect on database :"database" from public;
SQL

restore() { pg_restore --dbname="$target" --no-owner --no-privileges --exit-on-error --section="$1" "$backup"; }
restore pre-data
restore data
"$here/anonymise.sh" "$REFRESH_DATABASE"
restore post-data
# What rows held before they were changed stays in the files until those are written anew.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --command='vacuum (full, analyze)' "$target"
