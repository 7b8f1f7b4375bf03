#!/bin/sh
# Puts what embedded-backup.sh copied into two folders that are empty or not there yet:
#   embedded-restore.sh BACKUP_FOLDER DATA_FOLDER MALLS_FOLDER
set -eu
if [ $# -ne 3 ]; then
  echo "usage: $0 BACKUP_FOLDER DATA_FOLDER MALLS_FOLDER" >&2
  exit 2
fi
backup=$1 data=$2 malls=$3
(cd "$backup" && sha256sum --quiet -c SHA256SUMS)
for folder in "$data" "$malls"; do
  mkdir -p "$folder"
  if [ -n "$(ls -A "$folder")" ]; then
    echo "$folder is not empty: restore into an empty folder, and put that in the place of the old one" >&2
    exit 1
  fi
done
tar -C "$data" -xpzf "$backup/data.tar.gz"
tar -C "$malls" -xpzf "$backup/malls.tar.gz"
echo "restored; start with FOOTFALL_DATA=$data FOOTFALL_MALLS=$malls"
