#!/bin/bash
# What libvedette.so shows is what its headers declare, and its name is that of the interface. Each
# header stands by itself, in C11 and in C++, and includes nothing but the C library.
# Usage: c_symbols_test.sh LIBRARY HEADER...
set -euo pipefail
library=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

nm -D --defined-only "$library" >"$work/symbols"
# VEDETTE_0 is the version that the symbols have.
awk '{print $NF}' "$work/symbols" | sed 's/@.*//' | grep -vx 'VEDETTE_0' | sort >"$work/shown"
# Comments and macros name functions, too; declarations stand in other lines.
grep -hvE '^ *(//|#)' "$@" | tr '\n' ' ' | grep -o 'VEDETTE_API [^;]*;' |
  sed -E 's/^VEDETTE_API [^(]*[ *](vedette_[a-z_]+)\(.*/\1/' | sort >"$work/declared"
[ "$(wc -l <"$work/declared")" -gt 50 ] || { echo "no declarations found in $*"; exit 1; }
if ! diff "$work/declared" "$work/shown" >"$work/diff"; then
  echo "declared (<) and shown by $library (>) differ:"
  cat "$work/diff"
  exit 1
fi
if grep -v '^vedette_' "$work/shown"; then
  echo "$library shows what is not vedette_*"
  exit 1
fi
abi=$(sed -n 's/^#define VEDETTE_ABI_VERSION //p' "$@")
name=$(objdump -p "$library" | awk '$1 == "SONAME" {print $2}')
if [ "$name" != "libvedette.so.$abi" ]; then
  echo "the SONAME is $name, expected libvedette.so.$abi"
  exit 1
fi
for header in "$@"; do
  path=vedette/c/$(basename "$header")
  root=${header%/"$path"}
  for compile in "cc -std=c11 -x c" "c++ -std=c++20 -x c++"; do
    echo "#include \"$path\"" | $compile -Wall -Wextra -Wconversion -Wpedantic -Werror \
      -fsyntax-only -I"$root" - || { echo "$header does not stand by itself: $compile"; exit 1; }
  done
  if grep -E '^ *# *include' "$header" | grep -vE '"vedette/c/[a-z]+\.h"|<(stddef|stdint|string)\.h>'; then
    echo "$header includes what a host in C may not have"
    exit 1
  fi
done
echo "ok: $(wc -l <"$work/shown") functions, $name"
