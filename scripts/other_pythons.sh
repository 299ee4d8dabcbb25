#!/usr/bin/env bash
# Run the short tests on other Python versions, where they are installed; a version that is absent is named and left out.
set -euo pipefail
cd "$(dirname "$0")/.."
for version in 3.12 3.13; do
  python=$(command -v "python$version" || true)
  if [ -z "$python" ] || ! "$python" -c '' 2>/dev/null; then
    python=$(ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python 2>/dev/null | sort -V | tail -n 1 || true)
  fi
  if [ -z "$python" ]; then
    echo "Python $version: skipped, it is not installed here"
    continue
  fi
  echo "Python $version: $python"
  VENV=".venv-$version" PYTHON="$python" scripts/bootstrap.sh dev
  ".venv-$version/bin/python" -m pytest -n 2 tests -m "not long"
done
