#!/bin/sh
# Takes out of a node_modules folder what no running program reads: types, source maps, prose and sources of TypeScript.
# Licences stay. Usage: prune.sh node_modules
set -eu
find "$1" -type f \( \
  -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' \
  -o -name '*.tsbuildinfo' -o -iname 'readme*' -o -iname 'changelog*' -o -iname '*.md' -o -iname '*.markdown' \
  \) ! -iname 'license*' ! -iname 'notice*' -delete
find "$1" -type d \( -name test -o -name tests -o -name __tests__ -o -name docs -o -name examples -o -name benchmarks \) \
  -prune -exec rm -rf {} +
rm -rf "$1/@types"
find "$1" -type d -empty -delete
