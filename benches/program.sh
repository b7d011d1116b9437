#!/bin/sh
# What the release program costs from outside, as lines of the table in FIGURES.md.
#
#   cargo build --release && sh benches/program.sh
#
# Needs Linux with Xvfb, xdotool and a software OpenGL (on Debian: xvfb xdotool libgl1-mesa-dri). Nothing is added to the
# program for it:
#
# - Time to first frame: from the start of the process until X says that the window is there. eframe keeps a window hidden
#   until its first frame has been painted, so this is when a person sees it. OpenGL in software is part of the time, and
#   so are the 5 ms that one look takes.
# - Idle CPU: what /proc says that all threads of the program have used in 10 s (schedstat, which counts nanoseconds; the
#   ticks of `stat` are too coarse), the window open at a party, the network on loopback, nobody doing anything.
# - Memory: of the same window after those seconds. The software OpenGL lives in the process, so the same is told without
#   what it and other libraries map from files.
set -eu

program=${1:-target/release/partyline}
runs=${RUNS:-20}
home=$(mktemp -d)
display=:$((90 + $$ % 900))
export XDG_RUNTIME_DIR="$home" LIBGL_ALWAYS_SOFTWARE=1 DISPLAY="$display"
unset WAYLAND_DISPLAY WAYLAND_SOCKET 2>/dev/null || true

Xvfb "$display" -screen 0 1280x800x24 -nolisten tcp -noreset >/dev/null 2>&1 &
server=$!
window=
finish() {
    for process in $window $server; do kill "$process" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$home"
}
trap finish EXIT INT TERM
until xdotool getdisplaygeometry >/dev/null 2>&1; do sleep 0.05; done

partyline() { "$program" --data-dir "$home/profiles" --network loopback "$@"; }
now() { date +%s%N; }

# Reads nanoseconds, one a line; prints a line of the table.
figure() {
    sort -n | awk -v name="$1" -v aim="$2" '
        { sample[NR] = $1 / 1e6 }
        function at(percent) { return sample[int((NR - 1) * percent / 100) + 1] }
        END { printf "| %s | %.0f ms (%.0f ms) | %s | %d samples |\n", name, at(50), at(90), aim, NR }'
}

# Starts the window and waits until it can be seen. Sets $window.
open_window() {
    "$program" --data-dir "$home/profiles" --network loopback &
    window=$!
    until xdotool search --onlyvisible --pid "$window" >/dev/null 2>&1; do
        kill -0 "$window" || { echo "the program ended" >&2; exit 1; }
    done
}

close_window() {
    kill "$window" 2>/dev/null || true
    wait "$window" 2>/dev/null || true
    window=
}

# A person with a party: what most starts are like.
partyline profile create --name Alice --unprotected >/dev/null
partyline party create Choir >/dev/null

run=0
while [ "$run" -lt "$runs" ]; do
    start=$(now)
    open_window
    echo $(($(now) - start)) >>"$home/first-frame"
    close_window
    run=$((run + 1))
done
figure "time to first frame, software OpenGL" "-" <"$home/first-frame"

run=0
while [ "$run" -lt "$runs" ]; do
    start=$(now)
    partyline party list --json >/dev/null
    echo $(($(now) - start)) >>"$home/party-list"
    run=$((run + 1))
done
figure "\`partyline party list --json\`, whole process" "-" <"$home/party-list"

# Nanoseconds on a processor, over all threads.
used() { cat "/proc/$window"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.0f", sum }'; }
open_window
sleep 5
before=$(used)
sleep 10
awk -v used=$(($(used) - before)) \
    'BEGIN { printf "| idle CPU, window open | %.2f %% | 0.0 %% | %.1f ms in 10 s |\n", used / 1e8, used / 1e6 }'
awk '/^VmRSS/ { all = $2 } /^RssAnon/ { own = $2 }
    END { printf "| resident memory, window open | %.0f MiB, %.0f MiB of it not mapped from files | - | 1 sample |\n", all / 1024, own / 1024 }' \
    "/proc/$window/status"
close_window

size=$(stat -c %s "$program")
awk -v size="$size" 'BEGIN { printf "| release binary | %.1f MiB | - | |\n", size / 1048576 }'
