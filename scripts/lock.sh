#!/usr/bin/env bash
# Compile the hashed requirements files; releases younger than 14 days are left out (see [tool.uv] in pyproject.toml).
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$(command -v uv || echo .uv/bin/uv)
compile() { "$uv" pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header \
  pyproject.toml --output-file "requirements/$1.txt" "${@:2}" >/dev/null; }
compile core
compile extras --all-extras
compile dev --all-extras --group dev
compile plots --group plots
