# Shortcuts. Each target is one or two commands that also work without make: look here for them.
.DEFAULT_GOAL := help
.PHONY: help build test race prove soak servers lint fmt ci lambda serve demo-events build-Resolver build-Warmer

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

build: ## Compile everything; the CLI goes to bin/chunkaside
	go build ./...
	go build -o bin/chunkaside ./cmd/chunkaside

test: ## Run the tests; those whose servers are missing are skipped
	go test ./...

race: ## Run the tests with the race detector; missing servers are failures
	CHUNKASIDE_REQUIRE_SERVERS=1 go test -race -timeout=15m ./...

prove: ## Check a million operations of random schedules: some two minutes
	go test ./internal/simulation -run Histories -v -count=1 -operations 1000000 -timeout 1h

soak: ## Run with faults for 30 minutes; nothing may grow
	go test ./internal/simulation -run Soak -v -count=1 -soak 30m -timeout 40m

servers: ## Install dynalite, moto and the front end's client for the tests, and say which other servers are here
	npm ci --prefix internal/servertest
	npm ci --prefix internal/clienttest
	.ci/moto
	@command -v valkey-server || command -v redis-server || \
		echo "no Valkey or Redis: install redis-server or valkey-server (Debian: apt-get install redis-server)"

lint: ## Run golangci-lint, built from .ci/tools on first use
	.ci/golangci-lint run ./...

fmt: ## Format the code and its imports
	.ci/golangci-lint fmt

ci: ## Run all that CI runs
	.ci/run

lambda: ## Build both Lambda functions for arm64: dist/resolver.zip, dist/warmer.zip
	.ci/lambda

serve: ## Serve the sample catalog on 127.0.0.1:8080
	go run ./cmd/chunkaside serve

demo-events: ## Edit a table every few seconds, and watch warmer, subscription and query follow
	.ci/moto
	go test ./internal/endtoend -run Demo -count=1 -timeout 0 -v -demo

# What sam build asks for: a function's bootstrap, and the schema beside it. CHUNKASIDE_SCHEMA names the schema where it is not
# catalog.graphql beside this file; give a whole path, for sam build copies this folder first.
build-Resolver:
	.ci/lambda resolver "$(ARTIFACTS_DIR)/bootstrap"
	cp "$${CHUNKASIDE_SCHEMA:-catalog.graphql}" "$(ARTIFACTS_DIR)/catalog.graphql"

build-Warmer:
	.ci/lambda warmer "$(ARTIFACTS_DIR)/bootstrap"
	cp "$${CHUNKASIDE_SCHEMA:-catalog.graphql}" "$(ARTIFACTS_DIR)/catalog.graphql"
