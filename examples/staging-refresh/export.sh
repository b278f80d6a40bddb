#!/bin/sh
# Exports production: one consistent snapshot, of the service "source", into a file that nobody else may read.
#
#   export.sh FILE
#
# The role needs to read, and nothing else. Large objects are left out: nothing could say what is in them.
set -eu
umask 077
file=${1:?say where to: export.sh FILE}
pg_dump --dbname=service=source --format=custom --no-owner --no-privileges --no-blobs --file="$file"
echo "exported $(wc -c < "$file") bytes"
