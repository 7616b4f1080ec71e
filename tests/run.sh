#!/bin/bash
# Runs one tier of tests in a network namespace of its own and ends with the line "N passed, N failed".
# Usage: run.sh quick|peers|long
set -u
cd "$(dirname "$0")/.."
tier=${1:-quick}
case $tier in
    quick) filter='tier!=peers&tier!=long' ;;
    peers|long) filter="tier=$tier" ;;
    *) echo "usage: $0 quick|peers|long" >&2; exit 2 ;;
esac

results=out/test-results/$tier
rm -rf "$results"
mkdir -p "$results"
dotnet build tests/Sbc.Tests -c Release --nologo -v quiet || { echo "0 passed, 1 failed"; exit 1; }

# Loopback alone: tests bind what they like, see nobody else, and reach nothing.
# As an ordinary user the namespace needs one of users too; where neither is allowed the tests run as they are.
run=()
if [ "$(id -u)" = 0 ] && unshare -n true 2>/dev/null; then run=(unshare -n --)
elif unshare -rn true 2>/dev/null; then run=(unshare -rn --)
else echo "no network namespaces here: the tests use this machine's loopback" >&2
fi
"${run[@]}" sh -c 'ip link set lo up 2>/dev/null; exec "$@"' sh \
    dotnet test tests/Sbc.Tests -c Release --no-build --nologo --filter "$filter" \
    --logger "trx;LogFileName=tests.trx" --results-directory "$results"
status=$?

extra_passed=0
extra_failed=0
if [ "$tier" = quick ] && [ -x bench/check-allocations.sh ]; then
    if bench/check-allocations.sh; then extra_passed=1; else extra_failed=1; fi
fi

# The counters of the results file: what was found, ran and failed, as the runner wrote it.
count() { grep -o "<Counters [^>]*" "$results/tests.trx" 2>/dev/null | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*'; }
total=$(count total); executed=$(count executed); passed=$(count passed); failed=$(count failed)
passed=$((${passed:-0} + extra_passed))
skipped=$((${total:-0} - ${executed:-0}))
failed=$((${failed:-0} + extra_failed))
[ "$status" = 0 ] || [ "$failed" -gt 0 ] || failed=1
[ "$passed" -gt 0 ] || [ "$failed" -gt 0 ] || failed=1
if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"
else echo "$passed passed, $failed failed"
fi
[ "$failed" = 0 ]
