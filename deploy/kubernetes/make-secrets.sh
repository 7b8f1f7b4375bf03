#!/bin/sh
# Makes what secrets are missing in ./secrets (or SECRETS_FOLDER), and applies them: make-secrets.sh MALLS_FOLDER
set -eu
malls=${1:?usage: $0 MALLS_FOLDER}
here=$(cd "$(dirname "$0")/../.." && pwd)
all=${SECRETS_FOLDER:-./secrets}/all
node "$here/deploy/secrets/make-secrets.mjs" "${SECRETS_FOLDER:-./secrets}" "$malls" --keep-owner
apply() {
  name=$1
  shift
  kubectl -n footfall create secret generic "$name" --dry-run=client -o yaml "$@" | kubectl apply -f -
}
apply footfall-mall-secrets --from-file="$all/malls"
for role in ingest api; do
  apply "footfall-$role" --from-file="$all/footfall-token" --from-file="$all/influx-token" \
    --from-file="nats-password=$all/nats-$role-password"
done
apply footfall-nats --from-file="ingest=$all/nats-ingest-password" --from-file="api=$all/nats-api-password" \
  --from-file="edge=$all/nats-edge-password" --from-file="operator=$all/nats-operator-password" \
  --from-file="system=$all/nats-system-password"
apply footfall-influx --from-file="admin-password=$all/influx-password" --from-file="admin-token=$all/influx-token"
