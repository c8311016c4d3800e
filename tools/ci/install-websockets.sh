#!/usr/bin/env bash
# Installs websockets, by which the example in Python talks to a market, outside the checkout; prints what to set in the environment.
# Needs python3 with its venv module (Debian: python3-venv). A second call changes nothing.
set -euo pipefail

cache="${XDG_CACHE_HOME:-$HOME/.cache}/micromarket"
websockets_version=13.1
venv="$cache/websockets"
python="$venv/bin/python"

installed() {
  [ "$("$python" -c 'import websockets; print(websockets.__version__)' 2>/dev/null)" = "$websockets_version" ]
}

if ! installed; then
  mkdir -p "$cache"
  python3 -m venv --clear "$venv" >&2
  "$python" -m pip install --quiet --no-input --disable-pip-version-check "websockets==$websockets_version" >&2
  installed
fi

printf 'MICROMARKET_WEBSOCKETS_PYTHON=%s\n' "$python"
