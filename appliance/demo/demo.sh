#!/bin/sh
# Real calls with real RTP through out/sbc to two answering proxies, on this machine's loopback. See README.md.
set -eu
cd "$(dirname "$0")/../.."
[ -x out/sbc ] || { echo "out/sbc is missing: make build" >&2; exit 1; }
dotnet build appliance/demo/Sbc.Demo -c Release --nologo -v quiet
# exec: Ctrl-C reaches the demo itself, which ends what it started.
exec dotnet appliance/demo/Sbc.Demo/bin/Release/net10.0/Sbc.Demo.dll "$@"
