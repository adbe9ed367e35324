# The two commands that matter: `make run` builds everything and starts the portal, `make test` runs every test.
# `make help` lists the rest.

# SQLite's text search is behind a build tag of the driver.
export GOFLAGS := -tags=sqlite_fts5

VERSION ?= $(shell git describe --tags --always 2>/dev/null || echo dev)
NPM     := npm --prefix frontend

.PHONY: help run demo build test fuzz audit test-go test-frontend test-browser lint generate fresh seed clean

help: ## Say what can be made.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: build ## Build everything and start the portal on SQLite.
	bin/chaveiro

demo: build ## The same with sample clients and simulated providers: no account needed.
	bin/chaveiro demo

build: frontend/dist/index.html ## Build bin/chaveiro with the page inside.
	go build -trimpath -ldflags "-X main.version=$(VERSION)" -o bin/chaveiro .

FRONTEND_SOURCES := $(shell find frontend/src frontend/public -type f 2>/dev/null) \
	$(wildcard frontend/*.html frontend/*.ts frontend/*.json)

frontend/dist/index.html: frontend/node_modules/.package-lock.json $(FRONTEND_SOURCES)
	VITE_PORTAL_URL= $(NPM) run build
	@touch $@

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	$(NPM) ci --ignore-scripts --no-audit --no-fund
	@touch $@

test: fresh lint test-frontend test-go test-browser ## Run every test, on SQLite and PostgreSQL, and in a browser.

test-go: ## Run the Go tests, with a throwaway PostgreSQL.
	CHAVEIRO_TEST_REQUIRE_POSTGRES=1 scripts/with-postgres go test -race ./...

test-frontend: frontend/node_modules/.package-lock.json ## Check and test the page's code.
	$(NPM) run lint
	$(NPM) run typecheck
	$(NPM) test

test-browser: build ## Walk through the portal in a real browser.
	scripts/with-chromium $(NPM) run e2e

FUZZTIME ?= 30s

fuzz: ## Fuzz whatever reads what strangers write, each target for FUZZTIME (30s).
	scripts/fuzz $(FUZZTIME)

lint: ## Run go vet and staticcheck.
	go vet ./...
	go tool staticcheck ./...
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }

generate: frontend/node_modules/.package-lock.json ## Regenerate all generated code.
	cd ent && go generate .
	go tool gqlgen generate
	$(NPM) run codegen

fresh: ## Fail when generated code differs from what its sources give.
	scripts/fresh

audit: frontend/node_modules/.package-lock.json ## Ask for known weaknesses in what the portal is built from; needs the internet.
	go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...
	go run github.com/securego/gosec/v2/cmd/gosec@v2.30.0 -quiet -exclude-generated -severity medium -confidence medium ./...
	$(NPM) audit --omit=dev --audit-level=high

seed: ## Fill a new database in ./data-bench with 10,000 clients.
	go run ./bench seed

clean: ## Remove what was built; data stays.
	rm -rf bin frontend/dist/assets frontend/dist/*.html frontend/node_modules
