# The targets that a user or a developer types; what each one needs is installed by install-tools.
.PHONY: build run check demo test test-peers test-long bench perf clean tools

CONFIG ?= appliance/samples/proxy-farm.yaml
RID := linux-$(if $(filter aarch64,$(shell uname -m)),arm64,x64)

build: tools out/sbc

# One Native AOT executable with nothing beside it; rebuilt when a source changed.
out/sbc: $(shell find src -name '*.cs' -o -name '*.csproj') Directory.Build.props Directory.Packages.props
	dotnet publish src/Sbc -c Release -r $(RID) -o out/publish --nologo -v quiet
	cp out/publish/sbc out/sbc.new && mv out/sbc.new out/sbc

tools:
	@appliance/install-tools.sh build

run: build
	out/sbc run --config $(CONFIG)

check: build
	out/sbc check $(CONFIG)

demo: build
	@appliance/install-tools.sh demo
	@appliance/demo/demo.sh

test: tools
	@tests/run.sh quick

test-peers: build
	@appliance/install-tools.sh peers
	@tests/run.sh peers

test-long:
	@tests/run.sh long

bench: tools
	dotnet run -c Release --project bench/Sbc.Bench

perf: build
	@perf/install.sh
	dotnet run -c Release --project perf/Sbc.Perf -- all

clean:
	rm -rf out
	find . -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
