#!/bin/bash
# Each file compiles, and with -DMUST_FAIL stops with the message of its first line.
# Run from the top of the tree.
set -u
failures=0
compile() { "${CXX:-c++}" -std=c++20 -fsyntax-only -Iinclude "$@" 2>&1; }
for file in tests/compile_fail/*.cc; do
  expected=$(sed -n '1s|^// expect: ||p' "$file")
  [ -n "$expected" ] || { echo "$file: the first line says no '// expect: MESSAGE'"; failures=1; }
  if ! out=$(compile "$file"); then
    printf '%s: does not compile without MUST_FAIL\n%s\n' "$file" "$out"
    failures=1
  elif out=$(compile -DMUST_FAIL "$file"); then
    echo "$file: compiles with MUST_FAIL"
    failures=1
  elif ! grep -qF -- "$expected" <<<"$out"; then
    printf "%s: stops, but without '%s'\n%s\n" "$file" "$expected" "$out"
    failures=1
  fi
done
exit $failures
