#!/bin/bash
# What the invitation service does in a second, as lines of the table in FIGURES.md.
#
#   cargo build --release && bash benches/service.sh
#   PARTYLINE_BENCH_POSTGRES=postgres://partyline@127.0.0.1:5433/bench bash benches/service.sh
#
# The first is with SQLite, in a folder that is removed at the end; the second with an empty PostgreSQL database. Commits are durable: the folder has to
# be on a disk (`TMPDIR`), PostgreSQL with its usual fsync. Needs wrk, curl and python3, with PostgreSQL also psql (on Debian: wrk curl
# python3 postgresql-client). wrk and the service share the cores.
#
# SECONDS_EACH (8), CONNECTIONS (64) and MILLION (1000000, 0 leaves those lines out) may be set.
#
# - Invitations: each of another address. "Mailed meanwhile": their mails are written into a folder at the same time, signed by nobody.
# - Link page: one link, asked for again and again.
# - Exchanges: codes that wrk has made before (prepare.lua), each exchanged once: two signatures, the invitation, the person, a refresh token.
# - Start: from the start of the process until /readyz answers.
# - Memory: resident, after a start on a million invitations and a look at the newest of them.
set -euo pipefail

program=${1:-target/release/partyline}
here=$(cd "$(dirname "$0")" && pwd)/service
seconds=${SECONDS_EACH:-8}
connections=${CONNECTIONS:-64}
million=${MILLION:-1000000}
port=${PORT:-18080}
url=http://127.0.0.1:$port
postgres=${PARTYLINE_BENCH_POSTGRES:-}
folder=$(mktemp -d)
secret=$folder/service/dev-client.secret
service=

finish() {
    [ -z "$service" ] || kill "$service" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

for limit in LIMITS_ADDRESS_PER_MINUTE LIMITS_ADDRESS_PER_DAY LIMITS_DOMAIN_PER_HOUR LIMITS_PAGES_PER_MINUTE LIMITS_FAILURES_PER_MINUTE; do
    export "PARTYLINE_SERVE_$limit=1000000000"
done
export PARTYLINE_SERVE_CODE_LIFE_SECONDS=600 PARTYLINE_LOG=error
database=SQLite
if [ -n "$postgres" ]; then
    export PARTYLINE_SERVE_DATABASE_URL=$postgres
    database=PostgreSQL
fi

# Starts the service; `took` is how long that was, in milliseconds.
start() {
    local began
    began=$(date +%s%N)
    "$program" serve --dev --folder "$folder/service" --port "$port" >/dev/null 2>>"$folder/log" &
    service=$!
    until curl -sf "$url/readyz" >/dev/null; do sleep 0.005; done
    took=$((($(date +%s%N) - began) / 1000000))
}
stop() {
    kill "$service"
    wait "$service" || true
    service=
}

# Waits until nothing is left to be mailed, two minutes at most: what is measured next has the machine for itself.
settle() {
    for _ in $(seq 600); do
        ! curl -sf "$url/readyz" | grep -q '"outbox":0[,}]' || return 0
        sleep 0.2
    done
    echo "Mails of the load before still wait." >&2
}

line() { echo "| $database: $1 | $2 |"; }

# What wrk says of one load.
load() {
    local name=$1 script=$2
    shift 2
    wrk -t2 -c"$connections" -d"${seconds}s" --latency -s "$here/$script" "$url" -- "$@" >"$folder/wrk"
    line "$name" "$(python3 - "$folder/wrk" <<'PY'
import re, sys
text = open(sys.argv[1]).read()
rate, slow = re.search(r"Requests/sec:\s*([\d.]+)", text), re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
if not rate or not slow:
    sys.exit("wrk said: " + text)
print(f"{float(rate[1]):.0f}/s, p99 {slow[1]} {slow[2]}" + (f", {wrong[1]} REFUSED" if wrong else ""))
PY
)"
}

start
line "start, with new keys and tables" "$took ms"
stop
"$program" serve client set dev --per-minute 1000000000 --per-day 1000000000 --dev --folder "$folder/service" >/dev/null
start
line "start, with what is there" "$took ms"

load "invitations, mailed by the client" invite.lua dev "$secret" none
load "invitations, mailed meanwhile" invite.lua dev "$secret" email
settle

link=$(curl -s "$url/api/invitations" -u "dev:$(cat "$secret")" -H 'Content-Type: application/json' \
    -d '{"email_address": "bonny@example.com", "deliver": "none"}' | python3 -c 'import json, sys; print(json.load(sys.stdin)["invitation_url"])')
load "link page" page.lua "${link#"$url"}"

wrk -t2 -c"$connections" -d"$((seconds * 4))s" -s "$here/prepare.lua" "$url" -- dev "$secret" "$folder/codes" >/dev/null
codes=$(cat "$folder"/codes.* | wc -l)
load "exchanges (of $codes codes)" exchange.lua dev "$secret" "$folder/codes" "$url/dev/welcome"
line "resident memory after all that" "$(($(awk '/VmRSS/ { print $2 }' "/proc/$service/status") / 1024)) MiB"
stop

if [ "$million" -gt 0 ]; then
    if [ -n "$postgres" ]; then
        python3 "$here/million.py" "$million" | psql -q "$postgres" -c 'SET synchronous_commit = off' -f - -c 'ANALYZE'
    else
        python3 "$here/million.py" "$million" "$folder/service/service.sqlite"
    fi
    start
    line "start, with $million invitations more" "$took ms"
    times=$(for _ in $(seq 20); do
        curl -s -o "$folder/page" -w '%{time_total}\n' -u "dev:$(cat "$secret")" "$url/api/invitations?limit=100"
    done | sort -n | sed -n 10p)
    line "newest 100 of them listed" "$(python3 -c "print(round($times * 1000, 1))") ms"
    line "resident memory with them" "$(($(awk '/VmRSS/ { print $2 }' "/proc/$service/status") / 1024)) MiB"
    stop
fi
