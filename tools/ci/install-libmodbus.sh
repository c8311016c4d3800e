#!/usr/bin/env bash
# Builds libmodbus's own example servers, C peers that inject faults, outside the checkout; prints what to set in the environment.
# Debian, Ubuntu: the sources come from the package libmodbus-dev, which is unpacked, not installed. A second call changes nothing.
set -euo pipefail

cache="${XDG_CACHE_HOME:-$HOME/.cache}/micromarket/libmodbus"
servers=(unit-test-server bandwidth-server-many-up)

built() {
  local server
  for server in "${servers[@]}"; do [ -x "$cache/$server" ] || return 1; done
}

if ! built; then
  command -v apt-get >/dev/null || {
    echo "libmodbus is missing and there is no apt-get: build tests/unit-test-server of https://github.com/stephane/libmodbus" >&2
    exit 1
  }
  root=()
  if [ "$(id -u)" -ne 0 ]; then root=(sudo -n); fi
  {
    "${root[@]}" apt-get update -q
    needed=(libmodbus5)
    command -v gcc >/dev/null || needed+=(gcc libc6-dev)
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${needed[@]}"
    mkdir -p "$cache"
    cd "$cache"
    rm -rf ./*.deb unpacked
    apt-get download libmodbus-dev
    dpkg-deb -x ./*.deb unpacked # images without documentation would leave the examples out
    for server in "${servers[@]}"; do
      # the examples listen on one fixed port; tests run side by side
      sed 's/modbus_new_tcp("127.0.0.1", 1502)/modbus_new_tcp("127.0.0.1", atoi(getenv("MODBUS_PORT")))/' \
        "unpacked/usr/share/doc/libmodbus-dev/examples/$server.c" >"unpacked/$server.c"
      grep -q MODBUS_PORT "unpacked/$server.c"
      gcc -O1 -w -include stdlib.h -I unpacked/usr/include/modbus -I unpacked/usr/share/doc/libmodbus-dev/examples \
        "unpacked/$server.c" -l:libmodbus.so.5 -o "$server"
    done
  } >&2
  built
fi

printf 'MICROMARKET_LIBMODBUS=%s\n' "$cache"
