#!/bin/sh
# Copies data folder, secrets and mall directories of the embedded shape (`footfall start`) into a new folder:
#   embedded-backup.sh DATA_FOLDER MALLS_FOLDER BACKUP_FOLDER
# The server must be stopped, or DATA_FOLDER be a snapshot of the file system (then say SNAPSHOT=yes): a file that is
# written while it is copied is no copy. Secrets that lie elsewhere (FOOTFALL_SECRETS) are to be copied as well.
set -eu
if [ $# -ne 3 ]; then
  echo "usage: $0 DATA_FOLDER MALLS_FOLDER BACKUP_FOLDER" >&2
  exit 2
fi
data=$1 malls=$2 backup=$3
if [ -e "$data/server.json" ] && [ "${SNAPSHOT:-}" != yes ]; then
  # A server that was killed leaves the file; one that runs has a process of that number.
  pid=$(sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' "$data/server.json")
  if [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; then
    echo "a server (process $pid) runs on $data: stop it, or copy a snapshot of its file system with SNAPSHOT=yes" >&2
    exit 1
  fi
fi
umask 077
mkdir "$backup"
tar -C "$data" --exclude=./server.json -czf "$backup/data.tar.gz" .
tar -C "$malls" -czf "$backup/malls.tar.gz" .
(cd "$backup" && sha256sum data.tar.gz malls.tar.gz > sums.part && sync && mv sums.part SHA256SUMS)
echo "$backup: $(du -sk "$backup" | cut -f1) KiB"
