#!/bin/bash
# A host that runs saved programs has no compiler, and no library that only compilers and readers
# need. Usage: runtime_only_test.sh HOST
set -euo pipefail
host=$1
if objdump -p "$host" | grep -E 'NEEDED +lib(yaml|simdjson|protobuf|zstd|z\.)'; then
  echo "$host needs libraries that the runtime does not have"
  exit 1
fi
symbols=$(nm -C "$host")
if ! grep -q 'vedette::v0::LoadProgram(' <<<"$symbols"; then
  echo "$host has no symbols to look at, or loads no program"
  exit 1
fi
if grep -m1 -E 'vedette::v0::(Compiler::|SigmaFrontend|VedetteFrontend|IrModule|JsonParser)' <<<"$symbols"; then
  echo "$host has a part of a compiler or of a reader inside"
  exit 1
fi
echo ok
