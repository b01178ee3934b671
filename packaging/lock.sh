#!/bin/sh
# Pin what pyproject.toml asks for, with hashes, for every platform; run after a change of the dependencies.
set -eu
cd "$(dirname "$0")/.."
lock() {
  uv pip compile pyproject.toml "$@" --universal --python-version 3.11 --generate-hashes --quiet \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links
}
lock -o packaging/requirements.lock
lock --group test -o packaging/requirements-test.lock
