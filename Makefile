# `make` alone lists the targets. Only Go must be installed, and npm for conformance and bench; everything else is downloaded,
# in the versions that go.mod, test/go.mod and package-lock.json name.

.DEFAULT_GOAL := help
.PHONY: help synth test lint fmt conformance cluster bench update-golden clean

TOOLS := node_modules/.package-lock.json
GOLANGCI_LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

synth: ## Write dist/ and deploy/
	go run ./apps/ai-platform synth

test: ## Run the unit tests, in about half a minute once everything is built
	go test ./...

update-golden: ## Rewrite the golden files; review them with git diff
	UPDATE_GOLDEN=1 go test ./constructs -run TestGolden

lint: $(TOOLS) ## Check the format and run the linters
	$(GOLANGCI_LINT) run ./...
	cd test && $(GOLANGCI_LINT) run ./...
	cd test/controlplane && $(GOLANGCI_LINT) run ./...
	cd test/kwok && $(GOLANGCI_LINT) run ./...
	cd test/lifeline && $(GOLANGCI_LINT) run ./...
	cd test/helm && $(GOLANGCI_LINT) run ./...
	cd test/argocd && $(GOLANGCI_LINT) run ./...
	cd test/flux && $(GOLANGCI_LINT) run ./...

fmt: ## Format the code
	$(GOLANGCI_LINT) fmt ./...

# Tests are not taken from Go's cache: it does not see that dist/ has changed. A cold build of the tools takes longer than
# a test's default time limit of ten minutes.
conformance: $(TOOLS) ## Check the output with third-party tools: schemas, Pod Security, a real control plane and servers, Helm, Argo CD, Flux
	AI_PLATFORM_KERNEL=check go test -count=1 -skip 'TestProcess|TestNativeKernel|TestOutside' ./constructs/... ./apps/...
	cd test && go run ./cmd/cluster -build
	cd test && go test -count=1 -timeout 60m -v ./...
	cd test/helm && go test -count=1 -timeout 60m -v ./...
	cd test/argocd && go test -count=1 -timeout 60m -v ./...
	cd test/flux && go test -count=1 -timeout 60m -v ./...

cluster: ## Start a local control plane to try `kubectl apply -f dist/` on; the first build takes about 10 minutes
	cd test && go run ./cmd/cluster

# It starts each program many times and some without Go's cache, which takes a quarter of an hour; "go run ./bench -slow 0" takes a minute.
bench: $(TOOLS) ## Measure synthesis beside Helm, Kustomize and npm's cdk8s, on a machine that does nothing else; writes bench/results.md
	go run ./bench

clean: ## Remove node_modules
	rm -rf node_modules

# npm's own record of what is installed is newer than the lock file exactly if it was installed from it.
$(TOOLS): package.json package-lock.json
	npm ci
	@touch $@
