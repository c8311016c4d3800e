#!/usr/bin/env bash
# Installs pysunspec2, the SunSpec Alliance's own client and encoder that tests talk to, into the environment that
# install-pymodbus.sh makes; prints what to set in the environment. A second call changes nothing.
set -euo pipefail

pysunspec2_version=1.3.5
line="$("$(dirname "${BASH_SOURCE[0]}")/install-pymodbus.sh")"
python="${line#*=}"

installed() {
  [ "$("$python" -c 'from importlib.metadata import version; print(version("pysunspec2"))' 2>/dev/null)" = "$pysunspec2_version" ]
}

if ! installed; then
  "$python" -m pip install --quiet --no-input --disable-pip-version-check "pysunspec2==$pysunspec2_version" >&2
  installed
fi

printf 'MICROMARKET_PYSUNSPEC2_PYTHON=%s\n' "$python"
