#!/bin/sh
# Installs what a step needs and this machine lacks, from Debian's packages. Does nothing when all is there.
# Usage: install-tools.sh build|demo|peers
set -eu

need() { # command, package
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

missing=""
case "${1:-}" in
    build)
        # The linker and zlib that Native AOT needs.
        command -v clang >/dev/null 2>&1 || need gcc gcc
        [ -e /usr/include/zlib.h ] || missing="$missing zlib1g-dev"
        # Registrations in a file: linked into the executable, and what tests load.
        [ -e /usr/include/sqlite3.h ] || missing="$missing libsqlite3-dev"
        ;;
    demo)
        need sipp sip-tester
        need baresip baresip-core
        ;;
    peers)
        need sipp sip-tester
        need kamailio kamailio
        need baresip baresip-core
        # The one phone of Debian's that answers a challenge for SHA-256.
        need linphonec linphone-cli
        need ip iproute2
        need tcpdump tcpdump
        need tshark tshark
        need dnsmasq dnsmasq-base
        ;;
    *)
        echo "usage: $0 build|demo|peers" >&2
        exit 2
        ;;
esac
command -v dotnet >/dev/null 2>&1 || { echo "the .NET 10 SDK is missing: install it first" >&2; exit 1; }
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then root=""; else root="sudo"; fi
echo "installing$missing"
$root apt-get update -q >/dev/null
# The packages' own services must not start: ports they would take are the demo's and the tests'.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | $root tee $policy >/dev/null
    $root chmod 755 $policy
    trap '$root rm -f $policy' EXIT
fi
DEBIAN_FRONTEND=noninteractive $root apt-get install -y -q --no-install-recommends $missing >/dev/null
