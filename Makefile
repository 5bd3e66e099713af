# `make` alone lists the targets. Go and npm are all that must be there; everything else is fetched, in the versions that
# go.mod, test/go.mod and package-lock.json name.

.DEFAULT_GOAL := help
.PHONY: help synth test lint fmt conformance cluster update-golden clean

TOOLS := node_modules/.package-lock.json
GOLANGCI_LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

synth: $(TOOLS) ## Write dist/ and deploy/
	go run ./apps/ai-platform synth

test: $(TOOLS) ## Run the tests: half a minute, once all is built
	go test ./...

update-golden: $(TOOLS) ## Write the golden files anew, for review with git diff
	UPDATE_GOLDEN=1 go test ./constructs -run TestGolden

lint: $(TOOLS) ## Check format, vet and linters
	$(GOLANGCI_LINT) run ./...
	cd test && $(GOLANGCI_LINT) run ./...
	cd test/controlplane && $(GOLANGCI_LINT) run ./...
	cd test/kwok && $(GOLANGCI_LINT) run ./...
	cd test/helm && $(GOLANGCI_LINT) run ./...
	cd test/argocd && $(GOLANGCI_LINT) run ./...
	cd test/flux && $(GOLANGCI_LINT) run ./...

fmt: ## Format the code
	$(GOLANGCI_LINT) fmt ./...

# Tests are not taken from Go's cache: it does not see that dist/ has changed. A cold build of the judges takes longer than
# the ten minutes that a test has otherwise.
conformance: $(TOOLS) ## Judge the output by what others wrote: schemas, Pod Security, a real control plane and servers, Helm, Argo CD, Flux
	cd test && go run ./cmd/cluster -build
	cd test && go test -count=1 -timeout 60m -v ./...
	cd test/helm && go test -count=1 -timeout 60m -v ./...
	cd test/argocd && go test -count=1 -timeout 60m -v ./...
	cd test/flux && go test -count=1 -timeout 60m -v ./...

cluster: ## Start a control plane to try `kubectl apply -f dist/` on; the first time it is built, for about 10 minutes
	cd test && go run ./cmd/cluster

clean: ## Remove what was fetched into this folder
	rm -rf node_modules

# npm's own record of what is installed is newer than the lock file exactly if it was installed from it.
$(TOOLS): package.json package-lock.json
	npm ci
	@touch $@
