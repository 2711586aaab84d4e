# make run      the server with a sample, on this machine: http://127.0.0.1:5001/ (SET="KEY=VALUE ..." for settings)
# make run-full the same with PostgreSQL, memcached and a search index, from a few real rows
# make stop     ends either
# make test     builds and runs the tests
# make search-quality  asks the search index, and a dataset file built of the same rows, for real names, and says what
#                      came first and how fast (BIG=0: in two minutes)
# make bench    measures on a large generated database, writes docs/performance.md (scripts/bench --help; BENCH=...)
# make dist     a tarball that runs from any directory, in .build/dist
# make deb      a Debian package there; make deb-test installs, upgrades and purges it in a root directory (as root)
# make lint     checks the form of the sources
# make clean    stops every instance and removes all that was built or started

INSTANCE ?= default
PORT ?= 5001
WORKERS ?= 4
SAMPLE ?= sample
CORS_ORIGINS ?= *
SET ?=
BENCH ?=
export INSTANCE PORT WORKERS SAMPLE CORS_ORIGINS SET

.PHONY: run run-full stop test search-quality bench dist deb deb-test lint clean

run:
	@scripts/run

run-full:
	@scripts/run --full

stop:
	@scripts/stop "$(INSTANCE)"

test:
	@scripts/test

search-quality:
	@scripts/search-quality

bench:
	@scripts/bench $(BENCH)

dist:
	@scripts/dist

deb:
	@scripts/deb

deb-test:
	@scripts/deb-test

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests

clean:
	@scripts/stop --all
	rm -rf .build .run
