#!/usr/bin/env bash
# Installs Chromium, the browser in which the dashboard's tests open the page. Debian; on Ubuntu the package is a snap.
set -euo pipefail

command -v chromium >/dev/null && exit 0
command -v apt-get >/dev/null || {
  echo "chromium is missing and there is no apt-get: install it and put it on the PATH" >&2
  exit 1
}
root=()
if [ "$(id -u)" -ne 0 ]; then root=(sudo -n); fi
"${root[@]}" apt-get update -q
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium
