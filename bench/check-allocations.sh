#!/bin/bash
# Publishes the allocation meter with Native AOT, as the program is published, and holds its figures against the table.
# One line for each operation; fails when one allocates more than bench/allocations.tsv allows, or is missing there.
set -eu
cd "$(dirname "$0")/.."
rid=linux-$([ "$(uname -m)" = aarch64 ] && echo arm64 || echo x64)
dotnet publish bench/Sbc.Allocations -c Release -r "$rid" -o out/allocations --nologo -v quiet
out/allocations/Sbc.Allocations check bench/allocations.tsv
