#!/bin/bash
# The agent on rules that are compiled elsewhere: edr_agent_test.sh VEDETTE AGENT RULES.
set -euo pipefail
program="${TEST_TMPDIR:-$(mktemp -d)}/edr_agent.vpk"
"$1" compile --quiet --strict --rules "$3" --output "$program"
"$2" "$program"
