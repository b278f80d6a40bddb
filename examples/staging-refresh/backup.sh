#!/bin/sh
# Keeps an export as a backup, and shows that it can be read. The refresh goes on from the backup and not from the
# export: so every refresh is also a test that the backup can be restored.
#
#   backup.sh FILE FOLDER [DAYS]     prints the path of the backup; those older than DAYS (30) are removed
#
# The folder holds production data: keep it where production is, never among the artifacts of a workflow.
set -eu
umask 077
file=${1:?which export?}
folder=${2:?which folder?}
days=${3:-30}
mkdir -p "$folder"
kept="$folder/$(date -u +%Y-%m-%dT%H%M%SZ).dump"
cp "$file" "$kept.part"
cmp "$file" "$kept.part"
pg_restore --list "$kept.part" > /dev/null
mv "$kept.part" "$kept"
(cd "$folder" && sha256sum "$(basename "$kept")" > "$(basename "$kept").sha256")
find "$folder" -maxdepth 1 -type f \( -name '*.dump' -o -name '*.dump.sha256' \) -mtime "+$days" -delete
echo "$kept"
