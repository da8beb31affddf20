#!/bin/bash
# The vedette command from end to end: usage: cli_test.sh PATH_OF_VEDETTE, from the top of the tree.
set -u
vedette=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# expect NAME EXIT_CODE TEXT COMMAND...: the command exits so and says TEXT somewhere.
expect() {
  local name=$1 code=$2 text=$3 got
  shift 3
  "$@" >"$work/out" 2>&1 </dev/null
  got=$?
  if [ "$got" != "$code" ] || ! grep -qF -- "$text" "$work/out"; then
    echo "FAILED $name: exit $got, expected $code and '$text' in:"
    head -40 "$work/out"
    failures=$((failures + 1))
  fi
}

mkdir "$work/rules"
cat >"$work/rules/shell.yml" <<'YAML'
title: Shell from Office
id: 6b0b4b52-7d5c-4a53-9a0c-0e3d5f6a7b01
status: test
level: high
tags: [attack.execution, attack.t1059.003]
logsource: {product: windows, category: process_creation}
detection:
  sel:
    Image|endswith: '\cmd.exe'
    ParentImage|endswith: '\winword.exe'
  condition: sel
YAML
event='{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"Computer":"pc1","Image":"C:\\W\\cmd.exe"'
{
  echo "$event,\"ParentImage\":\"C:\\\\O\\\\WINWORD.EXE\"}"
  echo 'not json'
  echo "$event,\"ParentImage\":\"C:\\\\explorer.exe\"}"
} >"$work/events.jsonl"

expect "ndjson detections" 0 '"title":"Shell from Office"' \
  "$vedette" detect --rules "$work/rules" --events "$work/events.jsonl" -o ndjson
expect "one detection" 0 '"line":1' \
  "$vedette" detect --rules "$work/rules" --events "$work/events.jsonl" -o ndjson
expect "table" 0 'Shell from Office' \
  "$vedette" detect --rules "$work/rules" --events "$work/events.jsonl" -o table
expect "summary names broken lines" 0 'events.jsonl:2' \
  "$vedette" detect --rules "$work/rules" --events "$work/events.jsonl" -o summary
expect "level filter" 0 '' \
  "$vedette" detect --rules "$work/rules" --events "$work/events.jsonl" -o ndjson --level critical
expect "strict" 1 '' \
  "$vedette" detect --rules "$work/rules" --events "$work/events.jsonl" -o ndjson --strict
expect "fail-on" 3 'Shell from Office' \
  "$vedette" detect --rules "$work/rules" --events "$work/events.jsonl" -o ndjson --fail-on high
expect "explain a hit" 0 'winword.exe' \
  "$vedette" explain --rules "$work/rules" --rule 'Shell from Office' --events "$work/events.jsonl" --line 1
expect "explain a miss" 0 'explorer.exe' \
  "$vedette" explain --rules "$work/rules" --rule 'Shell from Office' --events "$work/events.jsonl" --line 3
expect "check is content" 0 '' "$vedette" check "$work/rules"
expect "list" 0 'Shell from Office' "$vedette" rules list --rules "$work/rules"
expect "fields" 0 'process.cmd_line' "$vedette" fields CommandLine
expect "log sources" 0 'process_creation' "$vedette" logsources
expect "help" 0 'detect' "$vedette" --help
expect "unknown command" 2 '' "$vedette" detekt
expect "unknown option" 2 '' "$vedette" detect --rulez x
# A file that changes what the rules mean stops every command that compiles rules, quiet or not.
printf 'root:x:0:0::/root:/bin/sh\nbin: x: y\n' >"$work/broken.yml"
printf 'just text\n' >"$work/scalar.yml"
printf 'transformations:\n- type: no_such_thing\n' >"$work/unknown.yml"
printf 'a: {b: 1}\n' >"$work/values.yml"
for option in --pipeline:{broken,scalar,unknown} --vars:{broken,scalar,values} --logsource-map:scalar; do
  file="$work/${option#*:}.yml"
  with="${option%:*} $file"
  expect "detect -q $option" 1 "$file" \
    "$vedette" detect -q --rules "$work/rules" --events "$work/events.jsonl" -o ndjson $with
  expect "check $option" 1 "$file" "$vedette" check "$work/rules" $with
  expect "check -o json $option" 1 "$file" "$vedette" check "$work/rules" -o json $with
  expect "explain $option" 1 "$file" \
    "$vedette" explain --rules "$work/rules" --rule 'Shell from Office' --events "$work/events.jsonl" $with
  for sub in list coverage; do
    expect "rules $sub $option" 1 "$file" "$vedette" rules $sub -q "$work/rules" $with
  done
  for sub in show ir; do
    expect "rules $sub $option" 1 "$file" \
      "$vedette" rules $sub 'Shell from Office' --rules "$work/rules" $with
  done
done
printf 'a: [x, y]\n' >"$work/good.yml"
printf 'transformations:\n- type: field_name_mapping\n  mapping: {Foo: Bar}\n' >"$work/map.yml"
expect "good vars and pipeline" 0 '"title":"Shell from Office"' "$vedette" detect --rules "$work/rules" \
  --events "$work/events.jsonl" -o ndjson --vars "$work/good.yml" --pipeline "$work/map.yml"
printf 'title: bad\nlogsource: {product: windows}\ndetection:\n  s:\n    f|contians: x\n  condition: s\n' \
  >"$work/rules/bad.yml"
expect "check names the bad rule" 1 'bad.yml:5' "$vedette" check "$work/rules"
expect "and says what was meant" 1 "contains" "$vedette" check "$work/rules"
expect "the others still run" 0 '"title":"Shell from Office"' \
  "$vedette" detect --rules "$work/rules" --events "$work/events.jsonl" -o ndjson

# What was left out is an error: told also when quiet, on the error stream only, and fatal if strict.
left_out() {
  local name=$1 text=$2 code flags
  for flags in "-o ndjson" "-o json" "-o table" "-o summary" "-o ndjson --strict"; do
    "$vedette" detect -q --rules "$work/left" --events "$work/one.jsonl" $flags \
      >"$work/out" 2>"$work/err"
    code=$?
    case "$flags" in *strict) [ $code = 1 ] ;; *) [ $code = 0 ] ;; esac &&
      grep -qF "$text" "$work/err" && ! grep -qF "$text" "$work/out" && continue
    echo "FAILED left out $name with $flags: exit $code"
    cat "$work/err"
    failures=$((failures + 1))
  done
}
mkdir "$work/left"
cp "$work/rules/shell.yml" "$work/left"
head -1 "$work/events.jsonl" >"$work/one.jsonl"
"$vedette" detect -q --strict --rules "$work/left" --events "$work/one.jsonl" -o ndjson \
  >"$work/out" 2>"$work/err" && [ ! -s "$work/err" ] || { echo FAILED quiet; failures=$((failures + 1)); }
cp "$work/rules/bad.yml" "$work/left/x.yml"
left_out rule 'x.yml:5'
printf 'title: [\n' >"$work/left/x.yml"
left_out yaml 'x.yml:'
printf 'title: F\nlogsource: {product: windows}\nfilter:\n  rules: [%s]\n  s: {a: b}\n  condition: no\n' \
  6b0b4b52-7d5c-4a53-9a0c-0e3d5f6a7b01 >"$work/left/x.yml"
left_out filter 'x.yml:6'
printf 'title: C\ncorrelation: {type: event_count, rules: [none], timespan: 1h, condition: {gte: 2}}\n' \
  >"$work/left/x.yml"
left_out correlation 'x.yml:2'

# The output may be no file that is read, under whatever name; nothing is lost by the mistake.
same=(detect -o ndjson --rules "$work/same" --events "$work/same.d" --vars "$work/same.d/v.txt"
  --pipeline "$work/same.d/p.txt" --logsource-map "$work/same.d/m.txt")
mkdir "$work/same" "$work/same.d"
cp "$work/one.jsonl" "$work/same.d/e.jsonl"
cp "$work/rules/shell.yml" "$work/same"
cp "$work/map.yml" "$work/same.d/p.txt"
cp "$work/good.yml" "$work/same.d/v.txt"
"$vedette" logsources >"$work/same.d/m.txt"
ln -s same.d/e.jsonl "$work/symbolic"
ln "$work/same.d/e.jsonl" "$work/hard"
for output in same.d/e.jsonl same.d/../same.d/e.jsonl symbolic hard same/shell.yml same.d/{v,p,m}.txt; do
  before=$(cksum <"$work/$output")
  expect "output is input: $output" 2 "is also read" "$vedette" "${same[@]}" --output-file "$work/$output"
  [ "$(cksum <"$work/$output")" = "$before" ] || { echo "FAILED lost $output"; failures=$((failures + 1)); }
done
"$vedette" detect -q -o ndjson --rules "$work/same" --events - --output-file "$work/hard" \
  <"$work/same.d/e.jsonl" >"$work/out" 2>&1
[ $? = 2 ] && cmp -s "$work/hard" "$work/one.jsonl" || { echo FAILED stdin; failures=$((failures + 1)); }
cp "$work/one.jsonl" "$work/result"  # an older file is overwritten as before
expect "output elsewhere" 0 Summary "$vedette" "${same[@]}" --output-file "$work/result"
expect "output elsewhere is written" 0 'Shell from Office' cat "$work/result"
expect "output to a device" 0 Summary "$vedette" "${same[@]}" --output-file /dev/null
expect "-n 0 is no limit" 0 'Shell from Office' \
  "$vedette" detect -q -o ndjson -n 0 --rules "$work/same" --events "$work/same.d"

# Correlations are listed as such, chosen by the same options, and never taken for rules.
mkdir "$work/corr"
sed 's/^status:/name: shell\nstatus:/' "$work/rules/shell.yml" >"$work/corr/shell.yml"
cat >"$work/corr/many.yml" <<'YAML'
title: Many Shells
id: 6b0b4b52-7d5c-4a53-9a0c-0e3d5f6a7b02
name: many_shells
status: test
level: critical
tags: [attack.execution]
correlation: {type: event_count, rules: [shell], group-by: [Computer], timespan: 1h, condition: {gte: 5}}
YAML
list=("$vedette" rules list "$work/corr")
expect "list marks a correlation" 0 '(correlation)' "${list[@]}"
expect "list counts a correlation" 0 '1 rule, 1 correlation' "${list[@]}"
expect "list -o json: correlation" 0 \
  '{"kind":"correlation","id":"6b0b4b52-7d5c-4a53-9a0c-0e3d5f6a7b02"' "${list[@]}" -o json
expect "list -o json: rule" 0 '{"kind":"rule","id":"6b0b4b52-7d5c-4a53-9a0c-0e3d5f6a7b01"' \
  "${list[@]}" -o json
expect "list filters correlations" 0 '0 rules, 1 correlation' "${list[@]}" --level critical
"${list[@]}" --tag attack.t1059 2>&1 | grep -q correlation &&
  { echo "FAILED list filters correlations out"; failures=$((failures + 1)); }
for wanted in 6b0b4b52-7d5c-4a53-9a0c-0e3d5f6a7b02 many_shells 'many shells'; do
  expect "list --rule $wanted" 0 '0 rules, 1 correlation' "${list[@]}" --rule "$wanted"
  expect "show $wanted" 0 'match window 1h' "$vedette" rules show "$wanted" --rules "$work/corr"
  for command in "rules show" "explain --rule"; do
    expect "state of $wanted" 0 'state per key: ' \
      "$vedette" $command "$wanted" --rules "$work/corr"
  done
  for with in --first-match '--line 1' "--event {}"; do
    expect "explain $wanted $with" "$([ "$with" = "--event {}" ] && echo 1 || echo 2)" \
      'is a correlation: no single event decides' "$vedette" explain --rules "$work/corr" \
      --rule "$wanted" $([ "$with" = "--event {}" ] || echo "--events $work/one.jsonl") $with
  done
  expect "detect $wanted" 0 '1 over several events' \
    "$vedette" detect -o summary --rules "$work/corr" --rule "$wanted" --events "$work/one.jsonl"
done

# Rules over several events: in order of time over all files, with state that is kept.
cat >"$work/three.vdt" <<'VDT'
rule three {
  meta { severity = high }
  match window 1m by host
    s: [any where kind == "x"]
  having count(s) >= 3
}
VDT
for second in 1 3 5; do
  echo '{"@timestamp":"2026-01-01T00:00:0'$second'Z","kind":"x","host":"h"}'
done >"$work/odd.jsonl"
for second in 2 4; do
  echo '{"@timestamp":"2026-01-01T00:00:0'$second'Z","kind":"x","host":"h"}'
done >"$work/even.jsonl"
three=("$vedette" detect -r "$work/three.vdt" -q -o ndjson)
expect "files in order of time" 0 '"time":"2026-01-01T00:00:03Z"' \
  "${three[@]}" -e "$work/odd.jsonl" "$work/even.jsonl"
expect "evidence" 0 '"aggregates":{"count(s)":3},"total_events":3' \
  "${three[@]}" -e "$work/odd.jsonl" "$work/even.jsonl"
expect "snapshot" 0 'detections' "$vedette" detect -r "$work/three.vdt" -o summary \
  -e "$work/even.jsonl" --snapshot "$work/state"
expect "resume" 0 '"time":"2026-01-01T00:00:05Z"' \
  "${three[@]}" -e "$work/odd.jsonl" --resume "$work/state" --lateness 1s
head -c 40 "$work/state" >"$work/cut"
expect "damaged state" 1 'damaged' "${three[@]}" -e "$work/odd.jsonl" --resume "$work/cut"
expect "state report" 0 'h' "$vedette" detect -r "$work/three.vdt" -e "$work/even.jsonl" -o summary \
  --state --snapshot "$work/state2"
# What is open at the end of the events, and after the state of an earlier run.
explain=("$vedette" explain -r "$work/three.vdt" --rule three)
expect "explain open windows" 0 'three, at 2026-01-01T00:00:04.000000001Z: 1 open key, 0 detections' \
  "${explain[@]}" -e "$work/even.jsonl"
expect "explain how far a window is" 0 \
  'host="h": 2 of 3 within 2s, since 2026-01-01T00:00:02Z, 57s left' \
  "${explain[@]}" -e "$work/even.jsonl"
expect "explain a window that fired" 0 \
  'host="h": 3 of 3 within 3s, since 2026-01-01T00:00:02Z, 56s left, detected' \
  "${explain[@]}" -e "$work/odd.jsonl" --resume "$work/state" --lateness 10s
expect "explain a saved state" 0 'host="h": 1 of 3, since 2026-01-01T00:00:02Z, 58s left' \
  "${explain[@]}" --resume "$work/state2"
expect "explain what still waits" 0 '1 open key, 0 detections, 1 record waits' \
  "${explain[@]}" --resume "$work/state2"
expect "explain a key" 0 'host="h": 2 of 3' "${explain[@]}" -e "$work/even.jsonl" --key h
expect "explain another key" 0 "no open key has 'other' in it" \
  "${explain[@]}" -e "$work/even.jsonl" --key other
expect "explain few keys" 0 'and 1 more; see --max-keys and --key' \
  "${explain[@]}" -e "$work/even.jsonl" --max-keys 0
expect "explain a damaged state" 1 'damaged' "${explain[@]}" --resume "$work/cut"
cat >"$work/steps.vdt" <<'VDT'
rule steps {
  match sequence by host within 1m
    first: [any where kind == "x"] count >= 2
    then: [any where kind == "y"]
}
rule both {
  match all by host within 1m
    x: [any where kind == "x"]
    y: [any where kind == "y"]
}
rule silent { match absence of beat: [any where kind == "x"] by host for 1m }
VDT
steps=("$vedette" explain -r "$work/steps.vdt" -e "$work/even.jsonl" --rule)
expect "explain a sequence" 0 \
  'host="h": 1 of 2 stages, 2 of 2 of first, waits for then, since 2026-01-01T00:00:02Z, 57s left' \
  "${steps[@]}" steps
expect "explain what is missing" 0 \
  'host="h": 1 of 2 seen, missing y, since 2026-01-01T00:00:04Z, 59s left' "${steps[@]}" both
expect "explain a heartbeat" 0 'host="h": waits for beat, since 2026-01-01T00:00:04Z, 59s left' \
  "${steps[@]}" silent
{ echo 'no json' && cat "$work/even.jsonl"; } >"$work/broken.jsonl"
expect "explain tells of records that are no events" 0 '1 record skipped, no valid events' \
  "$vedette" explain -r "$work/steps.vdt" --rule steps -e "$work/broken.jsonl"
expect "explain what cannot be read" 1 "no_such.jsonl" \
  "$vedette" explain -r "$work/steps.vdt" --rule steps -e "$work/no_such.jsonl"
expect "late events are told" 0 'left out of rules over several events' \
  "$vedette" detect -r "$work/three.vdt" -e "$work/even.jsonl" -o summary --resume "$work/state"
expect "a wrong duration" 2 'takes a duration like' "${three[@]}" -e "$work/odd.jsonl" --lateness 5
expect "explain a rule without an event" 2 'give either --events FILE or --event JSON' \
  "$vedette" explain --rules "$work/corr" --rule 'Shell from Office'
expect "neither rule nor correlation" 1 'no rule has the id, name or title' \
  "$vedette" explain --rules "$work/corr" --rule many --events "$work/one.jsonl"

# explain tells why a record is no event.
printf 'no json\n' >"$work/text.json"
printf '[5]\n' >"$work/element.json"
printf '{"f":\n' >"$work/cut.json"
: >"$work/empty.json"
explain=("$vedette" explain --rules "$work/same" --rule 'Shell from Office')
for case in 'text:' 'element:an element of the array is no object' \
  'cut:the stream ends within an object'; do
  file="$work/${case%%:*}.json"
  expect "explain $case" 1 "there is no event in the input; 1 record was skipped, at line 1: ${case#*:}" \
    "${explain[@]}" --events "$file"
  expect "explain --line $case" 1 "the record at line 1 is no event: ${case#*:}" \
    "${explain[@]}" --events "$file" --line 1
  expect "explain --first-match $case" 1 "no event matches the rule; 1 record was skipped, at line 1" \
    "${explain[@]}" --events "$file" --first-match
done
expect "explain nothing" 1 "empty.json: there is no event in the input" "${explain[@]}" \
  --events "$work/empty.json"
cat "$work/text.json" "$work/text.json" "$work/one.jsonl" >"$work/both.json"
expect "explain the first event" 0 \
  'note: before this event 2 records were skipped, the first one at line 1' \
  "${explain[@]}" --events "$work/both.json"
expect "explain another line" 1 \
  'no event begins at line 9; 2 records were skipped, the first one at line 1' \
  "${explain[@]}" --events "$work/both.json" --line 9

# What is passed over among the rules is counted.
mkdir -p "$work/hides/.git/deep" "$work/hides/sub"
cp "$work/rules/shell.yml" "$work/hides/sub"
for command in "check" "rules list" "rules coverage" \
  "detect -o ndjson --events $work/one.jsonl --rules"; do
  note='note: not read among the rules:'
  rm -f "$work/hides/".*.yml "$work/hides/"*.yml "$work/hides/linked"
  touch "$work/hides/.gitignore"
  ln -s "$work/nowhere" "$work/hides/README.md"  # neither would have been a rule
  expect "$command: hidden folder" 0 "$note 1 hidden file or folder" "$vedette" $command "$work/hides"
  touch "$work/hides/.r.yml"
  ln -s "$work/nowhere" "$work/hides/gone.yml"
  ln -s self.yml "$work/hides/self.yml"
  ln -s "$work/same" "$work/hides/linked"
  expect "$command: all kinds" 0 \
    "$note 2 hidden files or folders, 2 links to nothing, 1 link to a folder" \
    "$vedette" $command "$work/hides"
  rm "$work/hides/README.md"
done
"$vedette" detect -q -o ndjson --events "$work/one.jsonl" --rules "$work/hides" 2>&1 >/dev/null |
  grep -q note && { echo "FAILED quiet note"; failures=$((failures + 1)); }
"$vedette" check "$work/same" 2>&1 | grep -q 'not read' &&
  { echo "FAILED note about nothing"; failures=$((failures + 1)); }

# Of a key that stands twice, tests of fields see the first, keywords all; whatever else is loaded.
echo '{"f":"one","f":"two","o":{"x":"one"},"o":{"x":"two","y":"two"}}' >"$work/twice.json"
twice() {  # twice DETECTION yes|no: with the rule alone and with a keyword rule, which needs all
  local found expected=$2
  printf 'title: Tried\nlogsource: {category: x}\ndetection: {s: %s, condition: s}\n' "$1" \
    >"$work/twice.yml"
  printf 'title: Else\nlogsource: {category: x}\ndetection: {s: [zzz], condition: s}\n' >"$work/word.yml"
  for more in "$work/twice.yml" "$work/word.yml"; do
    found=no
    "$vedette" detect -q -o ndjson --rules "$work/twice.yml" "$more" --events "$work/twice.json" \
      --event-logsource category=x 2>&1 | grep -q Tried && found=yes
    [ $found = "$expected" ] && continue
    echo "FAILED twice: $1 is $found with $more"
    failures=$((failures + 1))
  done
}
twice '{f: one}' yes
twice '{f: two}' no
twice '{f|contains: w}' no
twice '{o.x: one}' yes
twice '{o.x: two}' no
twice '{o.y: two}' no
twice '{o.y: null}' yes
twice '[one]' yes
twice '[two]' yes

# Saved programs: rules without their sources.
pack="$work/all.vpk"
expect "compile" 0 'all.vpk: 1 rule, ' "$vedette" compile --rules "$work/same" --output "$pack"
"$vedette" detect -q -o ndjson --rules "$work/same" --events "$work/events.jsonl" >"$work/by_source"
"$vedette" detect -q -o ndjson --rules "$pack" --events "$work/events.jsonl" >"$work/by_pack"
if [ ! -s "$work/by_source" ] || ! cmp -s "$work/by_source" "$work/by_pack"; then
  echo "FAILED a saved program detects the same"
  failures=$((failures + 1))
fi
expect "check a pack" 0 '1 rule ok in 1 file' "$vedette" check "$pack"
expect "list a pack" 0 'Shell from Office' "$vedette" rules list "$pack"
expect "show from a pack" 0 'endswith' "$vedette" rules show 'shell from office' --rules "$pack"
expect "coverage of a pack" 0 'T1059.003' "$vedette" rules coverage "$pack"
expect "explain by a pack" 0 'winword.exe' "$vedette" explain --rules "$pack" \
  --rule 'Shell from Office' --events "$work/events.jsonl" --line 1
expect "filters choose in a pack" 0 'the options leave no rule to run' "$vedette" detect \
  --rules "$pack" --events "$work/events.jsonl" --level critical
expect "no such rule in a pack" 1 'no rule has the id' "$vedette" detect \
  --rules "$pack" --events "$work/events.jsonl" --rule nothing
expect "info of a pack" 0 '  ParentImage' "$vedette" rules info "$pack"
expect "info as JSON" 0 '"fields":["Image","ParentImage"]' "$vedette" rules info "$pack" -o json
expect "a pack stands alone" 2 'cannot be mixed' "$vedette" check "$pack" "$work/same"
expect "a pack takes no table" 2 '--logsource-map changes nothing' "$vedette" check "$pack" \
  --logsource-map "$work/nothing"
expect "a pack is no output" 2 'vpk' "$vedette" detect --rules "$pack" --events "$work/one.jsonl" \
  --output-file "$pack"
expect "compile needs a name" 2 'use --output FILE.vpk' "$vedette" compile --rules "$work/same"
expect "compile writes *.vpk" 2 'is called *.vpk' "$vedette" compile "$work/same" -o "$work/same/x.yml"
expect "compile into no folder" 1 'cannot write' "$vedette" compile "$work/same" -o "$work/no/a.vpk"
expect "saved again" 0 '1 rule' "$vedette" compile "$pack" -o "$work/again.vpk"
cmp -s "$pack" "$work/again.vpk" || { echo "FAILED saved again"; failures=$((failures + 1)); }
head -c 300 "$pack" >"$work/cut.vpk"
expect "a pack that is cut off" 1 'cut.vpk: the saved program is cut off' "$vedette" check "$work/cut.vpk"
cp "$work/same/"*.yml "$work/yaml.vpk"
expect "no pack" 1 'yaml.vpk: this is no saved program' "$vedette" check "$work/yaml.vpk"
printf 'title: bad\nlogsource: {category: x}\ndetection: {s: {f|nonsense: 1}, condition: s}\n' \
  >"$work/bad.yml"
expect "compile goes on without a bad rule" 0 '1 rule, ' \
  "$vedette" compile "$work/same" "$work/bad.yml" -o "$work/most.vpk"
expect "compile --strict does not" 1 'nothing is written' \
  "$vedette" compile "$work/same" "$work/bad.yml" -o "$work/strict.vpk" --strict
expect "compile nothing" 1 'no rule could be loaded' "$vedette" compile "$work/bad.yml" -o "$work/strict.vpk"
[ -e "$work/strict.vpk" ] && { echo "FAILED strict"; failures=$((failures + 1)); }
ls "$work"/*.vpk.* 2>/dev/null && { echo "FAILED left behind"; failures=$((failures + 1)); }

mkdir -p "$work/sets"
cat >"$work/sets/r.vdt" <<'END'
rule c2 {
  match any where source.ip in set("c2") or inSet(a, "pairs", "x", b, "y")
  test "in the feed" {
    event { source.ip: "10.1.2.3" }
    expect 1
  }
}
END
printf '# feed\n10.0.0.0/8\n' >"$work/sets/c2.txt"
printf 'x,y,source\nq,1,"a, b"\n' >"$work/sets/pairs.csv"
printf '{"source":{"ip":"10.2.3.4"}}\n{"a":"q","b":2}\n{"a":"q","b":1}\n' >"$work/sets/e.jsonl"
sets="c2=$work/sets/c2.txt pairs=$work/sets/pairs.csv"
# shellcheck disable=SC2086
expect "an indicator is named" 0 '"indicator":{"set":"c2","value":"10.0.0.0/8"}' "$vedette" detect \
  --rules "$work/sets/r.vdt" --events "$work/sets/e.jsonl" --indicators $sets -o ndjson
# shellcheck disable=SC2086
expect "of a record" 0 '"indicator":{"set":"pairs","x":"q","y":"1","source":"a, b"}' "$vedette" detect \
  --rules "$work/sets/r.vdt" --events "$work/sets/e.jsonl" --indicators $sets -o ndjson
expect "explain names it" 0 'known as value "10.0.0.0/8"' "$vedette" explain --rules "$work/sets/r.vdt" \
  --rule c2 --event '{"source":{"ip":"10.2.3.4"}}' --indicators "c2=$work/sets/c2.txt"
expect "tests of rules ask sets" 0 '1 test' "$vedette" test "$work/sets/r.vdt" \
  --indicators "c2=$work/sets/c2.txt"
expect "check misses a set" 0 "no indicator set 'pairs'" "$vedette" check "$work/sets/r.vdt" \
  --indicators "c2=$work/sets/c2.txt"
printf 'x\n10.0.0.1/8\n' >"$work/sets/bad.txt"
expect "indicators that are none" 1 "bad.txt:2: error: '10.0.0.1/8' is no address" "$vedette" check \
  "$work/sets/r.vdt" --indicators "c2:ip=$work/sets/bad.txt"
expect "indicators without a name" 2 'takes NAME=FILE' "$vedette" check "$work/sets/r.vdt" \
  --indicators "$work/sets/c2.txt"

# live NAME PACK EVENTS: the detection is shown while the input is still open.
live() {
  local name=$1 pack=$2 events=$3 shown=no pid
  rm -f "$work/pipe" "$work/live"
  mkfifo "$work/pipe"
  : >"$work/live"
  if [ "$events" = - ]; then
    "$vedette" detect --rules "$work/rules" --events - -o ndjson -q <"$work/pipe" >"$work/live" 2>&1 &
  else
    "$vedette" detect --rules "$work/rules" --events "$events" -o ndjson -q >"$work/live" 2>&1 &
  fi
  pid=$!
  exec 9<>"$work/pipe"  # for both: does not wait for the other end
  head -1 "$work/events.jsonl" | $pack >&9
  for _ in $(seq 100); do
    grep -qF 'Shell from Office' "$work/live" && shown=yes && break
    sleep 0.1
  done
  kill -0 $pid 2>/dev/null || shown=ended
  exec 9>&-
  wait $pid
  if [ $shown != yes ]; then
    echo "FAILED live $name: $shown"
    failures=$((failures + 1))
  fi
}
live "standard input" cat -
live "gzip on standard input" gzip -
live "a named pipe" cat "$work/pipe"

# Tests beside rules.
mkdir "$work/beside"
cp "$work/same/shell.yml" "$work/beside"
sed 's/^\(.*\)$/{"expect": true, "why": "a shell", "event": \1}/' "$work/one.jsonl" \
  >"$work/beside/shell.test.jsonl"
expect "test: starter rules" 0 ' 0 failed, 0 skipped' "$vedette" test rules
expect "test: starter rules are named" 0 '.test.jsonl:2  ' "$vedette" test -v rules
expect "test: JUnit names them" 0 'shell.test.jsonl" name="Shell from Office: a shell" line="1"/>' \
  "$vedette" test -o junit "$work/beside"
expect "test: a file and its folder" 0 '1 test: 1 passed' \
  "$vedette" test "$work/beside" "$work/beside/shell.yml"
expect "test: beside a named file" 0 '1 test: 1 passed' "$vedette" test "$work/beside/shell.yml"
sed -i 's/true/false/' "$work/beside/shell.test.jsonl"
expect "test: fails and says why" 1 'expected 0 detections, got 1' "$vedette" test "$work/beside"
expect "test: fails and explains" 1 'winword.exe' "$vedette" test "$work/beside"
expect "test: JUnit says why" 1 '<failure message="expected 0 detections, got 1">' \
  "$vedette" test -o junit "$work/beside"
expect "test: JUnit explains" 1 'ParentImage endswith~ &quot;' "$vedette" test -o junit "$work/beside"
for wrong in '{"event": {}}|"expect" is missing' '{"expect": true}|"event" is missing' 'x|FAILED' \
  '{"expect": -1, "event": {}}|"expect" is missing' '{"expect": 1, "events": [1]}|"event" is missing' \
  '{"expect": 1, "event": {}, "events": [{}]}|give either "event" or "events"' \
  '{"expect": true, "event": {}, "rule": "y"}|no rule beside it has this id'; do
  echo "${wrong%|*}" >"$work/beside/shell.test.jsonl"
  expect "test: $wrong" 1 "${wrong#*|}" "$vedette" test "$work/beside"
done
# Rules over several events, and a file with two rules.
cat >"$work/beside/shell.yml" <<'YML'
title: Three
name: three
correlation: {type: event_count, rules: [one], timespan: 1m, condition: {gte: 3}}
---
title: One
name: one
logsource: {product: windows}
detection: {s: {a: 1}, condition: s}
YML
at() { for second in "$@"; do printf '{"Channel": "System", "a": 1, "@timestamp": "2026-01-01T00:%sZ"},' "$second"; done; }
several() { printf '{"rule": "three", "expect": %s, "events": [%s]}\n' "$1" "$(at "${@:2}" | sed 's/,$//')"; }
{
  several true 00:00 00:10 00:20
  several 1 00:00 00:10 00:20
  several 2 00:00 00:10 00:20 05:00 05:10 05:20
  several 0 00:00 00:10 01:20
  several false 00:00 00:10 01:20
  echo '{"rule": "one", "expect": 1, "event": {"a": 1}}'
} >"$work/beside/shell.test.jsonl"
expect "test: events and counts" 0 '6 tests: 6 passed' "$vedette" test "$work/beside"
several 1 00:00 00:10 >"$work/beside/shell.test.jsonl"
expect "test: too few" 1 'expected 1 detection, got 0' "$vedette" test "$work/beside"
expect "test: what was open" 1 'at the end: ' "$vedette" test "$work/beside"
several 0 00:00 00:10 00:20 >"$work/beside/shell.test.jsonl"
expect "test: too many" 1 'expected 0 detections, got 1' "$vedette" test "$work/beside"
echo '{"expect": 1, "event": {"a": 1}}' >"$work/beside/shell.test.jsonl"
expect "test: which rule" 1 'several rules stand beside it; name one' "$vedette" test "$work/beside"
cat >"$work/beside/quiet.vdt" <<'VDT'
rule quiet {
  meta { emit = false }
  match any where a == 1
  test "a silent rule has detections in its tests" { event { a: 1 } expect 1 }
}
VDT
expect "test: a silent rule" 0 '1 test: 1 passed' "$vedette" test "$work/beside/quiet.vdt"
rm "$work/beside/quiet.vdt"
mv "$work/beside/shell.test.jsonl" "$work/beside/other.test.jsonl"
expect "test: beside no rule" 1 'no rule stands beside it' "$vedette" test "$work/beside"

# Threads change nothing in what is printed.
detect_with() {
  "$vedette" detect --rules rules --events examples/data/attack.ndjson.gz "$work/events.jsonl" "$@" \
    2>&1 | grep -v 'events/s'
}
for form in ndjson table summary; do
  detect_with -o $form >"$work/one"
  grep -q 'Comsvcs.dll\|critical' "$work/one" || echo "FAILED threads: nothing found" >>"$work/one"
  for threads in 3 0; do
    detect_with -o $form -j $threads >"$work/many"
    if ! cmp "$work/one" "$work/many"; then
      echo "FAILED threads: -o $form -j $threads prints something else"
      failures=$((failures + 1))
    fi
  done
done
expect "threads: the first detections only" 0 'stopped' \
  "$vedette" detect --rules rules --events examples/data/attack.ndjson.gz -j 2 -n 3 -o summary
expect "threads: too many" 2 'at most 256' \
  "$vedette" detect --rules rules --events examples/data/attack.ndjson.gz -j 257
# A pipe that rests: what was read is told before more is waited for.
mkfifo "$work/resting"
"$vedette" detect --rules "$work/rules" --events - -o ndjson -j 2 <"$work/resting" >"$work/early" 2>&1 &
exec 3>"$work/resting"
head -1 "$work/events.jsonl" >&3
for _ in $(seq 100); do grep -q 'Shell from Office' "$work/early" && break; sleep 0.1; done
if ! grep -q 'Shell from Office' "$work/early"; then
  echo "FAILED threads: nothing is told while a pipe rests"
  failures=$((failures + 1))
fi
exec 3>&-
wait

# What rules cost.
expect "profile" 0 'Shell from Office' \
  "$vedette" profile --rules "$work/rules" --events "$work/events.jsonl"
expect "profile as JSON" 0 '"faced":2,"evaluated":1,"held":1,"always":false' \
  "$vedette" profile --rules "$work/rules" --events "$work/events.jsonl" -o json
expect "profile of samples" 0 '"events":3600,"sampled":225' \
  "$vedette" profile --rules rules --events examples/data/attack.ndjson.gz --every 16 -o json
expect "profile tells of records that are no events" 0 '1 record skipped, no valid events' \
  "$vedette" profile --rules "$work/rules" --events "$work/events.jsonl"
expect "profile: no events" 2 'no events given' "$vedette" profile --rules "$work/rules"
expect "profile: no step" 2 'at least 1' \
  "$vedette" profile --rules "$work/rules" --events "$work/events.jsonl" --every 0

# Formats: a detection in each sample, whatever the file is called.
formats=examples/data/formats
for pair in 'auth.log=Root Logs On By Password' 'audit.log=Account With User Id Zero' \
  'dns.log=Look Like A DNS Tunnel' 'proxy.csv=Paste Or File Drop' \
  'firewall.cef=connection to a control server' 'firewall.cef=document that has macros' \
  'app.logfmt=Administration refused'; do
  file=${pair%%=*}
  gzip -c "$formats/$file" >"$work/unnamed"
  expect "format of $file" 0 "${pair#*=}" \
    "$vedette" detect -r rules "$formats/formats.vdt" -e "$formats/$file" -o ndjson -q
  expect "format of $file, packed and unnamed" 0 "${pair#*=}" \
    "$vedette" detect -r rules "$formats/formats.vdt" -e "$work/unnamed" -o ndjson -q
done
expect "formats: a folder" 0 '"files":6,"events":18,' \
  "$vedette" detect -r rules -e "$formats" -o json -q
expect "formats: explain" 0 '+ a0' \
  "$vedette" explain -r rules --rule 'Account With User Id Zero Created' -e "$formats/audit.log"
expect "formats: profile" 0 'Root Logs On By Password' "$vedette" profile -r rules -e "$formats/auth.log"
expect "formats: logsources" 0 'linux/process_creation/-' "$vedette" logsources -e "$formats/audit.log"
echo 'a=1' >"$work/one.txt"
expect "formats: forced" 0 'keys a' "$vedette" logsources --format logfmt -e "$work/one.txt"
expect "formats: unknown" 2 "is one of json, syslog" "$vedette" logsources --format xml -e "$work/one.txt"
printf 'time|user\n2026-11-17 10:00:00|x\n' >"$work/t.csv"
cat >"$work/rules/any.vdt" <<'VDT'
rule anybody { meta { title = "Anybody" severity = low } match any where user == "x" }
VDT
for pair in 'UTC=10:00:00Z' '+02:30=07:30:00Z' 'Europe/Berlin=09:00:00Z' 'America/New_York=15:00:00Z'; do
  expect "time zone ${pair%%=*}" 0 "2026-11-17T${pair#*=}" "$vedette" detect -r "$work/rules/any.vdt" \
    -e "$work/t.csv" --csv-delimiter '|' --time-zone "${pair%%=*}" -o ndjson -q
done
rm "$work/rules/any.vdt"
expect "time zone: unknown" 2 "'Mars/Base' is unknown" \
  "$vedette" logsources -e "$work/t.csv" --time-zone Mars/Base
expect "delimiter: too long" 2 'one character' "$vedette" logsources -e "$work/t.csv" --csv-delimiter ab
printf 'type=CWD msg=audit(1794911460.250:7): cwd="/"\nbroken\n' >"$work/a.log"
expect "formats: incomplete events are told" 0 '"broken":1,"incomplete":1,' \
  "$vedette" detect -r rules -e "$work/a.log" -o json -q
# A date without a year is not later than its file.
echo '<38>Nov 17 10:02:19 h sshd[1]: Accepted password for root from 203.0.113.7 port 1' >"$work/old.log"
touch -d '2019-12-01T00:00:00Z' "$work/old.log"
expect "year of a file" 0 '"time":"2019-11-17T10:02:19Z"' \
  "$vedette" detect -r rules -e "$work/old.log" -o ndjson -q

# A file that grows, is rotated and is cut off.
says() { echo "<38>Nov 17 10:02:19 h sshd[1]: Accepted password for root from 203.0.113.$1 port 1"; }
says 1 >"$work/live.log"
"$vedette" detect -r rules -e "$work/live.log" --follow -o ndjson >"$work/followed" 2>"$work/end" &
pid=$!
# waits N TEXT: until so many detections are told.
waits() {
  for _ in $(seq 100); do
    [ "$(grep -c 'Root Logs On' "$work/followed")" -ge "$1" ] && return
    sleep 0.1
  done
  echo "FAILED follow: $2"
  failures=$((failures + 1))
}
waits 1 "the beginning"
says 2 >>"$work/live.log"
waits 2 "a line that was appended"
printf '%s' "$(says 3)" >>"$work/live.log"
sleep 0.5
mv "$work/live.log" "$work/live.log.1"
sleep 0.3
says 4 >"$work/live.log"
waits 4 "rotation, and the unfinished line before it"
says 5 >"$work/live.log"
sleep 0.5
: >"$work/live.log"
sleep 0.5
says 6 >>"$work/live.log"
waits 5 "truncation"
kill -INT "$pid"
wait "$pid"
code=$?
if [ "$code" != 130 ] || ! grep -q 'in 1 file' "$work/end"; then
  echo "FAILED follow: exit $code and no summary at the end"
  failures=$((failures + 1))
fi
expect "follow: one file" 2 'takes one file' "$vedette" detect -r rules -e "$formats" -f
printf 'ElfFile\0rest' >"$work/x.evtx"
expect "follow: no EVTX" 1 'written in place' "$vedette" detect -r rules -e "$work/x.evtx" -f
expect "follow: no file" 1 'No such file' "$vedette" detect -r rules -e "$work/none.log" -f

audit=examples/data/response/audit.log
expect "verify" 0 '5 records' "$vedette" verify "$audit"
head -c 300 "$audit" >"$work/torn.log"
expect "verify: a torn tail" 1 'cut it to 282 bytes' "$vedette" verify "$work/torn.log"
sed 's/inc-1/inc-2/' "$audit" >"$work/forged.log"
expect "verify: a forged record" 1 'record 1 at byte 282' "$vedette" verify "$work/forged.log"
expect "verify: JSON" 1 '"bad_record":1' "$vedette" verify -o json "$work/forged.log"
anchor=$("$vedette" verify "$audit" | sed -n 's/^anchor: //p')
expect "verify: an anchor" 0 'ok' "$vedette" verify "$audit" --anchor "$anchor"
head -n 4 "$audit" >"$work/short.log"
expect "verify: cut records look fine" 0 '4 records' "$vedette" verify "$work/short.log"
expect "verify: but not to an anchor" 1 'missing at the end' \
  "$vedette" verify "$work/short.log" --anchor "$anchor"
expect "verify: a bad anchor" 2 'RECORDS:HASH' "$vedette" verify "$audit" --anchor 5:abc
expect "verify: evidence" 0 '0 do not fit' \
  "$vedette" verify "$audit" --evidence examples/data/response/evidence.jsonl
tr 4 5 <examples/data/response/evidence.jsonl >"$work/evidence.jsonl"
expect "verify: evidence that was changed" 1 '1 do not fit' \
  "$vedette" verify "$audit" --evidence "$work/evidence.jsonl"
expect "verify: no file" 1 'cannot read' "$vedette" verify "$work/none.log"
expect "verify: no argument" 2 'which audit log' "$vedette" verify

attack=examples/data/attack.ndjson.gz
expect "triage: the story" 0 'Process Memory Dumped Through Comsvcs.dll on wks-anna' \
  "$vedette" triage -r rules -e "$attack"
expect "triage: its order" 0 'Script Host Or Shell - wscript.exe' "$vedette" triage -r rules -e "$attack" -n 1
expect "triage: numbers" 0 '42 more folded into them' "$vedette" triage -r rules -e "$attack" -n 0
expect "triage: one line each" 0 'P4   low' "$vedette" triage -r rules -e "$attack" -n 0
expect "triage: NDJSON" 0 '"priority":1' "$vedette" triage -r rules -e "$attack" -o ndjson -q
"$vedette" triage -r rules -e "$attack" -o ndjson -q >"$work/a.ndjson"
"$vedette" triage -r rules -e "$attack" -o ndjson -q >"$work/b.ndjson"
expect "triage: the same again" 0 'same' bash -c "cmp '$work/a.ndjson' '$work/b.ndjson' && echo same"
gzip -dc "$attack" | awk 'NR % 2' >"$work/odd.ndjson"
gzip -dc "$attack" | awk 'NR % 2 == 0' >"$work/even.ndjson"
expect "triage: several files are one stream" 0 'on wks-anna' \
  "$vedette" triage -r rules -e "$work/odd.ndjson" "$work/even.ndjson" -n 1
{ head -n 3 "$work/odd.ndjson"; echo 'no event'; } >"$work/broken.ndjson"
for command in "triage -r rules" "store --segment $work/broken.vseg"; do
  # shellcheck disable=SC2086
  expect "${command%% *}: records that are no events" 0 'broken.ndjson: 1 record skipped, no valid events' \
    "$vedette" $command -e "$work/broken.ndjson"
done
expect "triage: JSON with alerts" 0 '"why"' "$vedette" triage -r rules -e "$attack" -o json --alerts
expect "triage: nothing found" 0 'incidents   0' \
  "$vedette" triage -r "$work/rules" -e "$work/even.ndjson"
expect "triage: no events" 2 'no events given' "$vedette" triage -r rules
expect "triage: no file" 1 'No such file' "$vedette" triage -r rules -e "$work/none.jsonl"
expect "triage: a wrong number" 2 'top' "$vedette" triage -r rules -e "$attack" -n x

day="$work/day.vseg"
expect "store" 0 '3,600 events' "$vedette" store -e "$attack" -s "$day"
"$vedette" detect -r rules -e "$attack" -o ndjson -q >"$work/live.ndjson"
hunted() {
  "$vedette" hunt -r rules --segments "$day" -q "$@" | sed 's/"origin":"hunt",//' |
    cmp - "$work/live.ndjson" && echo same
}
expect "hunt: the same as live" 0 'same' hunted
expect "hunt: the same on two threads" 0 'same' hunted -j 2
"$vedette" store -q -e "$work/odd.ndjson" -s "$work/odd.vseg"
"$vedette" store -q -e "$work/even.ndjson" -s "$work/even.vseg"
expect "hunt: segments are merged as files are" 0 'same' bash -c "
  '$vedette' hunt -q -r rules --segments '$work/odd.vseg' '$work/even.vseg' |
    sed 's/\"origin\":\"hunt\",//' >'$work/h'
  '$vedette' detect -q -o ndjson -r rules -e '$work/odd.ndjson' '$work/even.ndjson' >'$work/l'
  sort '$work/h' >'$work/hs'; sort '$work/l' | cmp - '$work/hs' && echo same"
rm -f "$work/token"
expect "hunt: stops at its budget" 0 'out_of_budget' "$vedette" hunt -r rules --segments "$day" \
  --max-events 1000 --token "$work/token" --resume "$work/token"
mv "$work/out" "$work/part"
expect "hunt: goes on" 0 'Hunt done' "$vedette" hunt -r rules --segments "$day" \
  --token "$work/token" --resume "$work/token"
mv "$work/out" "$work/rest"
expect "hunt: both parts are the whole" 0 'same' bash -c "
  cat '$work/part' '$work/rest' | grep '^{' | sed 's/\"origin\":\"hunt\",//' |
    cmp - '$work/live.ndjson' && echo same"
expect "hunt: another hunt's token" 1 'its options are others' "$vedette" hunt -r rules \
  --segments "$day" --resume "$work/token" --from 2026-11-17T09:00:00Z
expect "hunt: a range reads less" 0 '11 skipped' "$vedette" hunt -r rules --segments "$day" \
  -o summary --from 2026-11-17T09:00:00Z --to 2026-11-17T09:30:00Z
expect "hunt: a value" 0 '"observable":"certutil.exe"' \
  "$vedette" hunt --segments "$day" --observable certutil.exe
expect "hunt: a source" 0 'hits    117' \
  "$vedette" hunt -r rules --segments "$day" --source attack.ndjson.gz -o summary
expect "hunt: no such source" 2 'no segment has events' \
  "$vedette" hunt -r rules --segments "$day" --source other.log
expect "hunt: progress" 0 '66% of 12 blocks' \
  "$vedette" hunt -r rules --segments "$day" -o summary --progress
expect "hunt: a negative hunt is written down" 0 '"outcome":"nothing"' bash -c "
  '$vedette' hunt --segments '$day' --observable nobody.example --log '$work/log.json' -q &&
    cat '$work/log.json'"
expect "hunt: gaps" 0 'nothing from 2026-11-17T18' "$vedette" hunt --segments "$day" \
  --observable nobody.example --to 2026-11-19T00:00:00Z -o summary
head -c 100000 "$day" >"$work/cut.vseg"
expect "hunt: a segment that was cut" 1 'its end is missing' \
  "$vedette" hunt -r rules --segments "$work/cut.vseg"
{ head -c 50 "$day"; printf 'x'; tail -c +52 "$day"; } >"$work/bad.vseg"
expect "hunt: a damaged block" 1 '1 lost' "$vedette" hunt -r rules --segments "$work/bad.vseg" -o summary
expect "hunt: nothing to look for" 2 'use --rules or --observable' "$vedette" hunt --segments "$day"
expect "hunt: no segments" 2 'no segments given' "$vedette" hunt -r rules
expect "hunt: a wrong time" 2 'is no time' "$vedette" hunt -r rules --segments "$day" --from noon
expect "hunt: rare values" 0 'svchst.exe' "$vedette" hunt --segments "$day" --stack Image --rare
expect "hunt: values of what was found" 0 '"count":4,"values":{"Image":"C' \
  "$vedette" hunt -r rules --segments "$day" --stack Image,User -n 1 -o ndjson -q
expect "hunt: a pivot" 0 'larkfield\anna.berg' "$vedette" hunt -r rules --segments "$day" -q \
  --pivot device=wks-anna.larkfield.example.com
expect "hunt: a pivot of no type" 2 'TYPE=VALUE' "$vedette" hunt --segments "$day" --pivot ws1
expect "hunt: a draft" 0 'finds 2 of 2 events, and 0 of 3,598 others' \
  "$vedette" hunt --segments "$day" --observable certutil.exe --draft "$work/draft.vdt" -q
"$vedette" hunt --segments "$day" --observable certutil.exe -q | sed 's/.*"line"/"line"/' >"$work/1"
expect "hunt: the draft finds what it was drafted from" 0 'same' bash -c "
  '$vedette' detect -q -o ndjson -r '$work/draft.vdt' -e '$attack' | grep -o '\"line\":[0-9]*' >'$work/2'
  tr -d '}' <'$work/1' | cmp - '$work/2' && echo same"
expect "hunt: an incident" 0 '"origin":"hunt"' bash -c "
  '$vedette' hunt -r rules --segments '$day' --level critical --incident '$work/i.json' -q &&
    cat '$work/i.json'"
expect "hunt: an incident of nothing" 2 'needs --rules' \
  "$vedette" hunt --segments "$day" --observable certutil.exe --incident "$work/i.json"
training=examples/data/training
train() { "$vedette" train --scenario "$training/larkfield.json" -r rules "$@"; }
expect "train: a score" 0 '| Accuracy | 66.6 % |' train --answers "$training/larkfield.answers.txt"
train --answers "$training/larkfield.answers.txt" --report "$work/s1.json" --trainee ann >"$work/t1"
train --answers "$training/larkfield.answers.txt" --report "$work/s2.json" --trainee ann >"$work/t2"
expect "train: the same again" 0 'same' bash -c "
  cmp '$work/s1.json' '$work/s2.json' && cmp '$work/t1' '$work/t2' && echo same"
expect "train: the report" 0 '"total_permille":674' cat "$work/s1.json"
expect "train: another order" 0 'Case 1 of 3: Alerts of the web shop' train --seed 2
printf 'next\nverdict perhaps\nquit\n' >"$work/typed"
expect "train: typed, the answer is hidden" 0 'hidden' bash -c "
  '$vedette' train --scenario '$training/larkfield.json' -r rules <'$work/typed' >'$work/shown'
  grep -q 'Alert 1 of 13' '$work/shown' && grep -q 'no verdict' '$work/shown' &&
    ! grep -q 'true_positive |\|blinds the scan' '$work/shown' && echo hidden"
printf '@1 next\n\nverdict perhaps\n' >"$work/typed2"
expect "train: a wrong line of answers" 1 'line 3' train --answers "$work/typed2"
expect "train: no scenario" 2 '--scenario is missing' "$vedette" train -r rules
sed 's/true_positive/maybe/' "$training/larkfield.json" >"$work/bad.json"
expect "train: a bad scenario" 1 'TRN0006' "$vedette" train --scenario "$work/bad.json" -r rules
expect "store: nowhere" 2 'where to' "$vedette" store -e "$attack"

[ "$failures" = 0 ] && echo "all passed"
[ "$failures" = 0 ]
