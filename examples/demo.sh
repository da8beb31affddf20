#!/usr/bin/env bash
# A tour of the vedette command on the bundled rules and events.
# Usage: bash examples/demo.sh PATH_TO_VEDETTE [EVENTS]
# Stops with a status other than 0 at the first step that does not work.
set -euo pipefail

usage() {
  echo "usage: bash examples/demo.sh PATH_TO_VEDETTE [EVENTS]" >&2
  exit 2
}

[[ $# -ge 1 && $# -le 2 ]] || usage
vedette=$(realpath -- "$1")
[[ -f $vedette && -x $vedette ]] || { echo "demo: no program at $1" >&2; exit 2; }
events=examples/data/attack.ndjson.gz
[[ $# -lt 2 ]] || events=$(realpath -- "$2")
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

out=$(mktemp)
trap 'rm -f -- "$out"' EXIT

step=0
heading() {
  step=$((step + 1))
  printf '\n== %d. %s\n' "$step" "$1"
}

# Shows the command as a reader would type it, then runs it.
run() {
  printf '$ vedette'
  local word
  for word in "$@"; do
    if [[ $word == *' '* ]]; then printf " '%s'" "$word"; else printf ' %s' "$word"; fi
  done
  printf '\n\n'
  "$vedette" "$@"
}

fail() {
  echo "demo: $1" >&2
  exit 1
}

# The number of the first event that contains the text.
line_of() {
  gzip -cdf -- "$events" | awk -v text="$1" '!n && index($0, text) { n = NR } END { print n + 0 }'
}

heading "Are the rules sound? Every rule is compiled; a refused one is named with its reason."
run check rules

heading "A day of a small company, all rules, in numbers. The story: examples/data/README.md"
run detect --rules rules --events "$events" --output summary

heading "The worst first: critical detections only, one line each."
run detect --rules rules --events "$events" --output table --level critical --quiet

heading "The same as records for a program to read: one JSON object a line."
run detect --rules rules/windows --events "$events" --output ndjson --level critical --quiet |
  tee "$out"
grep -q 'Comsvcs' "$out" || fail "the memory dump of LSASS was not detected"

dump=$(line_of 'MiniDump 684')
[[ $dump -gt 0 ]] || fail "the events do not hold the memory dump"
heading "Why did it fire? Event $dump against one rule, condition by condition."
run explain --rules rules --rule 'Process Memory Dumped Through Comsvcs.dll' \
  --events "$events" --line "$dump"

harmless=$(line_of 'nltest /dsgetdc:')
[[ $harmless -gt 0 ]] || fail "the events do not hold the look-up of a domain controller"
heading "And why not? Event $harmless is nltest too, but it asks for one domain controller only."
run explain --rules rules --rule 'Domain Trusts Or Controllers Enumerated' \
  --events "$events" --line "$harmless"

heading "Where do the events come from? Derived from the events, nothing is configured."
run logsources --events "$events"

heading "Which ATT&CK techniques do the rules cover?"
run rules coverage --rules rules

heading "From 117 detections to a few incidents: what happened, in order, and to whom."
run triage --rules rules --events "$events" --top 2

printf '\nThe same on a board in the browser, to judge it (docs/board.md); it prints where, and a token:\n'
printf '$ %s serve --rules rules --events %s\n' "$1" "$events"
printf '\nNext: put your own events after --events, and your own rules beside rules/.\n'
