#!/bin/bash
# The response library refers to nothing that runs programs, loads code, opens files or sockets,
# starts threads or reads a clock. Usage: response_symbols_test.sh ARCHIVE...
set -euo pipefail
symbols=$(nm --undefined-only --format=posix "$@" | awk '{sub(/@.*/, "", $1); print $1}' | sort -u)
if ! grep -qx 'SHA256' <<<"$symbols"; then
  echo "no symbols of the response library in $*"
  exit 1
fi
bad='system|popen|exec[lv][a-z]*|fexecve|posix_spawnp?|v?fork|clone3?|dlm?open|dlsym|socket|socketpair|connect|bind|listen|accept4?|send(to|msg)?|recv(from|msg)?|getaddrinfo|fopen(64)?|freopen(64)?|open(at)?(64)?|creat(64)?|pthread_create|time|gettimeofday|clock_gettime|clock|_ZNSt6chrono.*3nowEv|_ZNSt6thread.*|_ZNSt.*(fstream|filebuf).*'
if grep -xE "$bad" <<<"$symbols"; then
  echo "the response library refers to these"
  exit 1
fi
echo ok
