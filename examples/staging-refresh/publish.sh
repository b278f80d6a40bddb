#!/bin/sh
# Puts the new database in the place of staging's. The old one goes only when the new one has its name.
#
#   publish.sh NEW DATABASE ROLE     ROLE is whom staging's application connects as
set -eu
REFRESH_NEW=${1:?which new database?} REFRESH_DATABASE=${2:?in the place of which?} REFRESH_ROLE=${3:?for which role?}
export REFRESH_NEW REFRESH_DATABASE REFRESH_ROLE
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 "service=staging dbname=$REFRESH_NEW" << 'SQL'
\getenv role REFRESH_ROLE
grant usage on schema public to :"role";
grant select, insert, update, delete on all tables in schema public to :"role";
grant usage, select on all sequences in schema public to :"role";
SQL
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 service=staging << 'SQL'
\getenv new REFRESH_NEW
\getenv database REFRESH_DATABASE
\getenv role REFRESH_ROLE
\set old :database '-old'
set client_min_messages = warning;
drop database if exists :"old" with (force);
select count(*) > 0 as there from pg_database where datname = :'database' \gset
select pg_terminate_backend(pid) from pg_stat_activity where datname in (:'database', :'new') \g /dev/null
begin;
\if :there
alter database :"database" rename to :"old";
\endif
alter database :"new" rename to :"database";
grant connect on database :"database" to :"role";
commit;
drop database if exists :"old" with (force);
SQL
echo "published as $REFRESH_DATABASE"
