# The two commands that matter: `make run` builds everything and starts the portal, `make test` runs every test.
# `make help` lists the rest.

# SQLite's text search is behind a build tag of the driver. What is tested is built as what is shipped, which also saves
# compiling SQLite and all else a second time.
export GOFLAGS := -tags=sqlite_fts5 -trimpath

# SQLite plans a statement once. Without the guarantee it plans almost each one anew, each time it is run: the driver
# clears the parameters, and SQLite wants to see whether other values would be worth another plan.
QPSG := -DSQLITE_ENABLE_QPSG
export CGO_CFLAGS := -O2 -g $(QPSG)

# SQLite is C: what hardens C where a distribution builds it. Apple's and others' linkers know other words.
ifeq ($(shell uname -s),Linux)
PIE := -buildmode=pie
export GOFLAGS += $(PIE)
export CGO_CFLAGS += -fstack-protector-strong -D_FORTIFY_SOURCE=2
export CGO_LDFLAGS := -Wl,-z,relro,-z,now
endif

NPM := npm --prefix frontend

# What checks and releases need beside the portal itself, pinned in a module of its own; but for staticcheck, which is in go.mod.
TOOL := go tool -modfile=tools/go.mod

.PHONY: help run dev check demo build release test fuzz audit test-go test-frontend test-browser lint generate fresh seed clean

help: ## Say what can be made.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: build ## Build everything and start the portal on SQLite.
	bin/chaveiro

dev: frontend/node_modules/.package-lock.json ## Serve for development on http://127.0.0.1:5173: hot reload, and built again on change.
	@scripts/dev

check: frontend/node_modules/.package-lock.json ## Lint and run the fast tests: what to run before each commit.
	scripts/check

demo: build ## The same with sample clients and simulated providers: no account needed.
	bin/chaveiro demo

build: frontend/dist/index.html ## Build bin/chaveiro with the page inside.
	go build -ldflags "-s -w" -o bin/chaveiro .

release: ## Tag the release in VERSION and pack it for this kind of machine in ./release; SIGNING_KEY=PATH signs its checksums.
	scripts/release $(SIGNING_KEY)

.PHONY: released
released: ## Keep for the tests what the release in VERSION leaves: a house on each database, and its backup.
	CHAVEIRO_TEST_REQUIRE_POSTGRES=1 CHAVEIRO_TEST_BUILD=$(PIE) scripts/with-postgres \
		env GOFLAGS="$(filter-out $(PIE),$(GOFLAGS))" go test ./e2e/program -run TestAReleaseHasLeftAHouse -count 1 -args -write

FRONTEND_SOURCES := $(shell find frontend/src frontend/public frontend/build -type f 2>/dev/null) \
	$(wildcard frontend/*.html frontend/*.ts frontend/*.json)

frontend/dist/index.html: frontend/node_modules/.package-lock.json $(FRONTEND_SOURCES)
	VITE_PORTAL_URL= $(NPM) run build
	@touch $@

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	$(NPM) ci --ignore-scripts --no-audit --no-fund
	@touch $@

test: fresh lint test-frontend test-go fuzz test-browser ## Run every test, on SQLite and PostgreSQL, and in a browser; fuzz for a while.

# Go refuses -race with $(PIE): only the program that the tests start is built with it.
test-go: ## Run the Go tests, with a throwaway PostgreSQL.
	CHAVEIRO_TEST_REQUIRE_POSTGRES=1 CHAVEIRO_TEST_BUILD=$(PIE) scripts/with-postgres \
		env GOFLAGS="$(filter-out $(PIE),$(GOFLAGS))" go test -race ./...

test-frontend: frontend/dist/index.html ## Check and test the page's code, and weigh it.
	$(NPM) run lint
	$(NPM) run typecheck
	$(NPM) test

test-browser: build ## Walk through the portal in a real browser.
	scripts/with-chromium $(NPM) run e2e

pictures: build ## Take the pictures of docs/pt-BR anew, by the walk in a real browser.
	PICTURES=$(CURDIR)/docs/pt-BR/pictures scripts/with-chromium $(NPM) run e2e -- walk.spec.ts -g "Portuguese on a wide"

FUZZTIME ?= 30s

fuzz: ## Fuzz whatever reads what strangers write, each target for FUZZTIME (30s).
	scripts/fuzz $(FUZZTIME)

.PHONY: soak
soak: ## Prove stops, kills, moves of the database, backlogs and an install of a release in their whole size: 20 minutes.
	scripts/soak

# G304 is every file that is not named in the source: all such names come from the settings and the command line.
# (2026-11-24; other exceptions stand where they are made, each with its reason.) What is generated is left out, and
# bench/peers, a module of its own that only `make bench-peers` fetches.
GOSEC := $(TOOL) gosec -quiet -severity medium -confidence medium -exclude G304 -exclude-generated -exclude-dir bench/peers \
	-nosec-require-rules -nosec-require-justification . ./bench/... ./ent/schema/... ./graph ./internal/...

# Functions that neither the program nor a test reaches; what is generated is left out.
DEADCODE := $(TOOL) deadcode -test -filter 'chaveiro/(internal|graph$$|bench|e2e)' ./...

lint: ## Run go vet, staticcheck and gosec, and look for functions that nothing reaches.
	go vet ./...
	go tool staticcheck ./...
	@dead=$$($(DEADCODE)) && test -z "$$dead" || { echo "nothing reaches: $$dead"; exit 1; }
	$(GOSEC)
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }

generate: frontend/node_modules/.package-lock.json ## Regenerate all generated code.
	cd ent && go generate .
	go run ./graph/internal/gen
	go test ./internal ./internal/app/config ./internal/provider/providers \
		-run 'TestEachPromiseHasAProof|TestTheManualOfSettings|TestTheExample' -args -write
	$(NPM) run codegen

fresh: ## Fail when generated code differs from what its sources give.
	scripts/fresh

audit: frontend/node_modules/.package-lock.json ## Ask for known weaknesses in what the portal is built from; needs the internet.
	$(TOOL) govulncheck ./...
	$(NPM) audit --omit=dev --audit-level=high

.PHONY: bench bench-peers bin/bench
bench: build bin/bench ## Measure the portal against a hand-written server, on SQLite and PostgreSQL: 10 minutes, on an idle machine.
	scripts/with-postgres bin/bench run $(BENCH)

bin/bench:
	CGO_CFLAGS="$(filter-out $(QPSG),$(CGO_CFLAGS))" go build -o bin/bench ./bench # the limit is built as any program is

MERCURIUS := bench/peers/mercurius

bench-peers: build bin/bench ## Measure Mercurius and PocketBase beside it, on SQLite: 5 minutes; needs the internet, skips what it cannot fetch.
	rm -f bin/pocketbase
	@$(MAKE) --no-print-directory $(MERCURIUS)/node_modules/.package-lock.json || echo "npm cannot build Mercurius: it is skipped"
	cd bench/peers/pocketbase && GOFLAGS=-trimpath CGO_ENABLED=0 go build -o ../../../bin/pocketbase . || \
		echo "Go cannot build PocketBase: it is skipped"
	bin/bench run --peers --works=again,list,write --rounds=3 $(BENCH)

$(MERCURIUS)/node_modules/.package-lock.json: $(MERCURIUS)/package-lock.json
	npm --prefix $(MERCURIUS) ci --no-audit --no-fund
	@touch $@

seed: ## Fill a new database in ./data-bench with 10,000 clients.
	go run ./bench seed $(SEED)

clean: ## Remove what was built; data stays.
	rm -rf bin release frontend/dist/assets frontend/dist/*.html frontend/node_modules $(MERCURIUS)/node_modules
