#!/usr/bin/env bash
# Installs pymodbus and pysunspec2, Modbus peers that are not ours and that tests talk to, outside the checkout; prints what to set in the environment.
# Needs python3 with its venv module (Debian: python3-venv). A second call changes nothing.
set -euo pipefail

cache="${XDG_CACHE_HOME:-$HOME/.cache}/micromarket"
pymodbus_version=3.6.9
venv="$cache/pymodbus"
python="$venv/bin/python"

installed() {
  [ "$("$python" -c 'import pymodbus; print(pymodbus.__version__)' 2>/dev/null)" = "$pymodbus_version" ]
}

if ! installed; then
  mkdir -p "$cache"
  python3 -m venv --clear "$venv" >&2
  "$python" -m pip install --quiet --no-input --disable-pip-version-check "pymodbus==$pymodbus_version" >&2
  installed
fi
"$python" -m pip install --quiet --no-input --disable-pip-version-check pysunspec2==1.3.5 pyserial==3.5 >&2 # SunSpec's own client

printf 'MICROMARKET_PYMODBUS_PYTHON=%s\n' "$python"
