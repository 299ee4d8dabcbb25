#!/usr/bin/env bash
# Make .venv with the locked packages of one requirements file: bootstrap.sh core|dev
# Needs python3 (3.11 or later) and nothing else; does nothing when it was done before.
set -euo pipefail
cd "$(dirname "$0")/.."
wanted=${1:-dev}
venv=${VENV:-.venv}
python=${PYTHON:-}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

if [ -z "$python" ]; then
  for candidate in python3 python3.13 python3.12 python3.11 python; do
    if command -v "$candidate" >/dev/null && is_new_enough "$candidate"; then python=$candidate; break; fi
  done
fi
if [ -z "$python" ] || ! is_new_enough "$python"; then
  echo "regrade needs Python 3.11 or later; set PYTHON to one, as in: PYTHON=python3.12 make demo" >&2
  exit 1
fi
python=$("$python" -c 'import sys; print(sys.executable)')

stamp() { cat "requirements/$1.txt" pyproject.toml | "$python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())'; }
is_done() { [ -x "$venv/bin/regrade" ] && [ "$(cat "$venv/.$1" 2>/dev/null)" = "$(stamp "$1")" ]; }

if is_done dev || { [ "$wanted" = core ] && is_done core; }; then exit 0; fi

uv=$(command -v uv || true)
if [ -z "$uv" ]; then
  if [ ! -x .uv/bin/uv ]; then
    if "$python" -m venv .uv >/dev/null 2>&1; then
      .uv/bin/python -m pip install --quiet --disable-pip-version-check uv
    elif ! "$python" -m pip install --quiet --disable-pip-version-check --target .uv uv; then
      echo "This Python can make no virtual environment and has no pip: install its venv package" >&2
      echo "(on Debian: apt-get install python3-venv), or put uv on the PATH." >&2
      exit 1
    fi
  fi
  uv=.uv/bin/uv
fi
[ -x "$venv/bin/python" ] || "$uv" venv --quiet --python "$python" "$venv"
"$uv" pip sync --quiet --python "$venv/bin/python" --require-hashes "requirements/$wanted.txt"
"$uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable . 2>/dev/null ||
  "$uv" pip install --quiet --python "$venv/bin/python" --no-deps --editable .
rm -f "$venv/.core" "$venv/.dev"
stamp "$wanted" > "$venv/.$wanted"
