#!/bin/sh
# Runs all tests. On a Debian system it first installs what the tests (not the app) need and finds missing:
# a virtual display, software rendering, a session bus, and the tools that make network namespaces.
set -eu
cd "$(dirname "$0")/.."

packages="xvfb libgl1-mesa-dri libgl1 libegl1 mesa-vulkan-drivers libvulkan1 libx11-xcb1 libxcursor1 libxi6
libxrender1 libxext6 libxkbcommon-x11-0 libfontconfig1 xclip dbus-daemon iproute2 nftables"

missing=""
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    else
        echo "The tests need these packages, which are missing:$missing" >&2
        echo "Install them (as root: apt-get install --no-install-recommends$missing) and run this again." >&2
        exit 1
    fi
fi

exec cargo test --features inspection "$@"
