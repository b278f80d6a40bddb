# One command each; `make help` lists them. The tools are installed once, in exact versions, below .cache/bin.

GOLANGCI_LINT_VERSION := v2.15.0
ACTIONLINT_VERSION    := v1.7.12
ACT_VERSION           := v0.2.89
GREMLINS_VERSION      := v0.6.0

TOOLS         := $(CURDIR)/.cache/bin
GOLANGCI_LINT := $(TOOLS)/golangci-lint-$(GOLANGCI_LINT_VERSION)
ACTIONLINT    := $(TOOLS)/actionlint-$(ACTIONLINT_VERSION)
ACT           := $(TOOLS)/act-$(ACT_VERSION)
GREMLINS      := $(TOOLS)/gremlins-$(GREMLINS_VERSION)

# PLATFORMS are those that `make release` builds, such as linux/amd64,linux/arm64; empty builds all.
PLATFORMS ?=
FUZZTIME  ?= 10s
# PACKAGES is where `make mutate` looks; pkg/policy takes an hour, pkg/gate a night.
PACKAGES  ?= pkg/verdict pkg/stage pkg/decide

.DEFAULT_GOAL := help
.PHONY: help demo test check fmt lint gen e2e conformance bench microbench build image fuzz sabotage mutate properties staging-refresh page pictures release vulnerabilities clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## the whole action against an in-process GitHub; needs no token
	go run ./cmd/demo

test: ## run the tests
	go test ./...

check: lint ## everything that must hold before a change is handed in
	go vet ./...
	go vet -tags e2e ./pkg/e2e
	.ci/generated
	go test -race -timeout 20m ./...

fmt: $(GOLANGCI_LINT) ## format the code
	$(GOLANGCI_LINT) fmt ./...

lint: $(GOLANGCI_LINT) $(ACTIONLINT) ## check format, code and workflows
	$(GOLANGCI_LINT) fmt --diff ./...
	$(GOLANGCI_LINT) run ./...
	$(ACTIONLINT) $(wildcard .github/workflows/*.yml testdata/e2e/workflows/*.yml examples/*.yml examples/*/*.yml)

gen: ## write the generated files anew
	go generate ./...

e2e: $(ACT) ## run the image under a real runner; starts an engine if none answers (root)
	ACT=$(ACT) .ci/engine run go test -tags e2e -count=1 -timeout 15m ./pkg/e2e

conformance: build ## play the conformance pack with the binary and, where a container engine answers, with the image
	go run ./cmd/conformance --command bin/stageward --mode both
	@if docker info >/dev/null 2>&1; \
		then $(MAKE) image && go run ./cmd/conformance --image stageward:dev --parallel 2; \
		else echo "conformance: NO CONTAINER ENGINE ANSWERS: THE IMAGE WAS NOT JUDGED (.ci/engine run make conformance starts one)" >&2; \
	fi

bench: ## what a run costs against its budgets, in one table; needs gpg, ssh-keygen and a machine without other work
	go run ./pkg/internal/bench

microbench: ## run all benchmarks
	go test -run '^$$' -bench . -benchmem ./...

build: ## build the binary into bin/
	@mkdir -p bin
	.ci/compile bin/stageward

image: ## build the image stageward:dev
	docker build --network host --build-arg GOPROXY="$$(go env GOPROXY)" -t stageward:dev .

release: ## make all that a release consists of in .cache/release, and check it; nothing is published
	rm -rf .cache/release
	GOTOOLCHAIN=go$$(cat .go-version) go run ./cmd/release build $(if $(PLATFORMS),-platforms $(PLATFORMS)) .cache/release

fuzz: ## run each fuzz test for FUZZTIME
	@for package in $$(go list ./...); do \
		for name in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$package || exit 1; \
		done; \
	done

vulnerabilities: ## look whether known ones are reached; asks the database of Go
	go run golang.org/x/vuln/cmd/govulncheck@v1.5.0 ./...

sabotage: ## break the program on purpose and see that the tests notice; ONLY='pattern of names'
	go run ./pkg/internal/sabotage $(if $(ONLY),-only '$(ONLY)')

mutate: $(GREMLINS) ## the same with small changes by a machine, in PACKAGES
	GREMLINS=$(GREMLINS) .ci/mutate $(PACKAGES)

properties: ## play every fault, loss and variation in every story's world; takes half an hour
	STAGEWARD_PROPERTIES=all go test -count=1 -timeout 60m -run 'TestNoFaultAllows|TestNoMissingFactAllows|TestWhatMustNotMatter|TestTheCommandLineAgrees|TestACrowd' ./pkg/cli
	STAGEWARD_PROPERTIES=all go test -count=1 -timeout 60m -run 'TestALossOnlyMoves|TestDrawnWorlds' ./pkg/cli -rapid.checks=3000

staging-refresh: ## run the example of a refresh of staging on a real PostgreSQL (Debian: postgresql)
	examples/staging-refresh/try/try.sh

page: ## show the job summaries of the demo as GitHub would, as pictures in .cache/page
	.ci/page

pictures: ## make the pictures of the docs anew from the demo
	.ci/pictures

clean: ## remove what was built and the tools
	rm -rf bin .cache

# install_tool MODULE,VERSION: the name carries the version, so that a new one is installed when it changes.
define install_tool
	@echo "installing $(1)@$(2)"
	@GOBIN=$(TOOLS)/install go install $(1)@$(2)
	@mv $(TOOLS)/install/$(notdir $(1)) $@
endef

$(GOLANGCI_LINT):
	$(call install_tool,github.com/golangci/golangci-lint/v2/cmd/golangci-lint,$(GOLANGCI_LINT_VERSION))

$(ACTIONLINT):
	$(call install_tool,github.com/rhysd/actionlint/cmd/actionlint,$(ACTIONLINT_VERSION))

$(GREMLINS):
	$(call install_tool,github.com/go-gremlins/gremlins/cmd/gremlins,$(GREMLINS_VERSION))

$(ACT):
	$(call install_tool,github.com/nektos/act,$(ACT_VERSION))
