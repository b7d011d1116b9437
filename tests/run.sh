#!/bin/sh
# Runs all tests. On a Debian system it first installs what the tests (not the app) need and finds missing:
# a virtual display, software rendering, a session bus, the tools that make network namespaces, and for the invitation service
# a PostgreSQL, a mail server, a browser, Node and Python. It starts the PostgreSQL in a folder of its own and stops it at the end.
# Clients that somebody else wrote come from PyPI into target/foreign. Where that cannot be reached their tests say `SKIPPED`; with
# PARTYLINE_FOREIGN=needed, as in .ci/run, this fails instead.
set -eu
cd "$(dirname "$0")/.."

packages="xvfb libgl1-mesa-dri libgl1 libegl1 mesa-vulkan-drivers libvulkan1 libx11-xcb1 libxcursor1 libxi6
libxrender1 libxext6 libxkbcommon-x11-0 libfontconfig1 xclip dbus-daemon iproute2 nftables
postgresql exim4-daemon-heavy chromium openssl python3 python3-venv nodejs"

missing=""
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        # Nothing that is installed here starts by itself: the tests start their own.
        hold=/usr/sbin/policy-rc.d
        [ -e "$hold" ] || { printf '#!/bin/sh\nexit 101\n' >"$hold" && chmod +x "$hold" && trap 'rm -f "$hold"' EXIT; }
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    else
        echo "The tests need these packages, which are missing:$missing" >&2
        echo "Install them (as root: apt-get install --no-install-recommends$missing) and run this again." >&2
        exit 1
    fi
fi

# A PostgreSQL of the tests' own, on a socket and a port that nobody else uses. Its server refuses to be root.
if [ -z "${PARTYLINE_TEST_POSTGRES:-}" ]; then
    programs=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    folder=$(mktemp -d)
    as_owner() { "$@"; }
    if [ "$(id -u)" = 0 ]; then
        chown postgres "$folder"
        as_owner() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
    fi
    port=${PARTYLINE_TEST_POSTGRES_PORT:-54329}
    stop_postgres() { as_owner "$programs/pg_ctl" -D "$folder/data" -m immediate -s stop || true; rm -rf "$folder"; }
    as_owner "$programs/initdb" -D "$folder/data" -U partyline -A trust -E UTF8 --no-sync >/dev/null
    as_owner "$programs/pg_ctl" -D "$folder/data" -l "$folder/log" -s -w \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c max_connections=200" start
    trap 'stop_postgres; rm -f "${hold:-}"' EXIT
    trap 'exit 130' INT TERM
    export PARTYLINE_TEST_POSTGRES="postgres://partyline@127.0.0.1:$port/postgres"
fi

# Clients and checkers that nobody here wrote. The versions are those that were seen to work.
foreign=target/foreign
if [ ! -x "$foreign/bin/schemathesis" ]; then
    rm -rf "$foreign"
    python3 -m venv "$foreign" && "$foreign/bin/pip" install --quiet --disable-pip-version-check \
        authlib==1.9.10 requests==2.34.2 requests-oauthlib==2.0.0 schemathesis==4.32.5 dkimpy==1.1.8 >&2 || rm -rf "$foreign"
fi
if [ -x "$foreign/bin/schemathesis" ]; then
    export PARTYLINE_TEST_FOREIGN="$PWD/$foreign"
elif [ "${PARTYLINE_FOREIGN:-}" = needed ]; then
    echo "The foreign clients could not be installed into $foreign: PyPI has to be reached for that." >&2
    exit 1
else
    echo "The foreign clients could not be installed: their tests are SKIPPED" >&2
fi

cargo test --features inspection "$@"
