# Everything that is done with this checkout; `make` lists it. Each target does its own set-up and may be repeated.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := node_modules/.bin
PACKAGES := node_modules/.installed
WITH_ENGINE := node .ci/with-engine.mjs
TSX := node --no-warnings --import tsx
# It would leave a folder in /tmp.
export TSX_DISABLE_CACHE := 1
SOURCES := $(shell find src clients -name dist -prune -o -name gen -prune -o -type f -regex '.*\.\(ts\|tsx\|css\|html\|svg\)' -print 2>/dev/null) $(wildcard clients/gen/*/*/*.ts)

.PHONY: help setup gen check test proof sim bench screenshots demo build clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

setup: $(PACKAGES) ## install what is missing on this machine: npm packages, Docker Engine, etcd, static busybox
	@.ci/setup tests

gen: $(PACKAGES) ## make generated files anew: gRPC clients, descriptor, group file documents
	@node .ci/generate.mjs

CHECKS := types lint bounds source-bounds dead-code proto fresh
check: $(PACKAGES) ## types, lint, format, folder bounds, dead code, protobuf rules, generated code
	@$(MAKE) -k -j2 --output-sync=target $(addprefix check-,$(CHECKS))
	@echo "check: all good"

test: machine-tests build ## every test in its small size
	@$(WITH_ENGINE) node .ci/test.mjs

proof: machine-tests build ## the promises at full size, one JSON line each; ONLY=name for one, ONLY=faults for all that breaks something
	@$(WITH_ENGINE) $(TSX) test/proof/run.ts --size=full $(if $(ONLY),--only=$(ONLY))

sim: $(PACKAGES) ## one simulated cluster with faults, by its seed: SEED=n
	@$(TSX) test/simulation/sim.ts --seed=$(or $(SEED),0)

bench: machine-tests build ## the speeds we promise, as ratios, one JSON line each; ONLY=name for one
	@$(WITH_ENGINE) $(TSX) test/bench/run.ts $(if $(ONLY),--only=$(ONLY))

screenshots: machine-tests build ## every screen and state of the viewer as pictures: TO=folder
	@$(TSX) test/viewer/screenshots.ts $(TO)

demo: machine-demo build ## groups running on Docker and found by discovery, until Ctrl-C; ONCE=1 ends by itself
	@$(WITH_ENGINE) $(TSX) examples/demo.ts

build: dist/.built ## compile the server, the command line and the client package

clean: ## remove everything that was built, not the npm packages
	@rm -rf dist clients/dist .build

# --- what they are made of ---------------------------------------------------------------------------------------------

$(PACKAGES): package.json package-lock.json clients/package.json
	@.ci/setup packages

.PHONY: machine-demo machine-tests
machine-demo machine-tests: machine-%:
	@.ci/setup $*

dist/.built: $(PACKAGES) $(SOURCES) tsconfig.json tsconfig.build.json clients/tsconfig.json
	@$(BIN)/tsc -p tsconfig.build.json
	@$(BIN)/tsc -p clients/tsconfig.json
	@node .ci/build-page.mjs
	@touch $@

.PHONY: $(addprefix check-,$(CHECKS))
check-types:
	@$(BIN)/tsc --noEmit -p .
	@$(BIN)/tsc --noEmit -p clients/viewer/page
	@$(BIN)/tsc --noEmit -p test/viewer/inside
check-lint:
	@$(BIN)/biome check --error-on-warnings --diagnostic-level=warn .
check-bounds:
	@$(BIN)/depcruise --no-progress src clients test examples bin
	@node .ci/checks/tsx-bounds.mjs
check-source-bounds:
	@node .ci/checks/source-bounds.mjs
check-dead-code:
	@$(BIN)/knip --no-progress
# The baseline is the protocol of the last release: `buf build proto -o proto/baseline.binpb` belongs to a release.
check-proto:
	@$(BIN)/buf lint
	@$(BIN)/buf format -d --exit-code proto --exclude-path proto/google
	@$(BIN)/buf breaking proto --against proto/baseline.binpb
check-fresh:
	@node .ci/checks/fresh.mjs
