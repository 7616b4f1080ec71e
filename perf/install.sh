#!/bin/sh
# Installs what the harness measures beside this program, where it is missing (Debian and Ubuntu). The daemons
# that these packages would start are kept from starting: the harness starts its own, in a namespace of its own.
set -eu
missing=""
command -v sipp >/dev/null || missing="$missing sip-tester"
command -v kamailio >/dev/null || missing="$missing kamailio"
ls /usr/lib/*/kamailio/modules/rtpengine.so >/dev/null 2>&1 || missing="$missing kamailio-extra-modules"
command -v rtpengine >/dev/null || missing="$missing rtpengine-daemon"
command -v cc >/dev/null || missing="$missing gcc libc6-dev"
[ -e /usr/include/liburing.h ] || missing="$missing liburing-dev"
command -v ip >/dev/null || missing="$missing iproute2"
command -v unshare >/dev/null || missing="$missing util-linux"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
    echo "missing:$missing; run perf/install.sh as root" >&2
    exit 1
fi
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
fi
apt-get update
# shellcheck disable=SC2086  # a list of package names
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
if [ -d /run/systemd/system ]; then
    for package in $missing; do     # only what was not here before; somebody's own Kamailio stays as it is
        case $package in kamailio | rtpengine-daemon) systemctl disable --now "$package" || true ;; esac
    done
fi
