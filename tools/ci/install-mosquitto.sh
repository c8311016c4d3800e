#!/usr/bin/env bash
# Installs Mosquitto, the MQTT broker and its clients that link-mqtt's tests use as peers that are not ours, and openssl
# for their certificates. Debian, Ubuntu. Each test starts a broker of its own; the service that Debian would run is off.
set -euo pipefail

PATH="$PATH:/usr/sbin:/usr/local/sbin"
complete() {
  command -v mosquitto >/dev/null && command -v mosquitto_pub >/dev/null && command -v mosquitto_sub >/dev/null &&
    command -v openssl >/dev/null
}
complete && exit 0
had_broker=$(command -v mosquitto || true)
command -v apt-get >/dev/null || {
  echo "mosquitto is missing and there is no apt-get: install the broker and its clients from https://mosquitto.org" >&2
  exit 1
}
root=()
if [ "$(id -u)" -ne 0 ]; then root=(sudo -n); fi
"${root[@]}" apt-get update -q
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends mosquitto mosquitto-clients openssl
if [ -z "$had_broker" ] && command -v systemctl >/dev/null; then
  "${root[@]}" systemctl disable --now mosquitto >/dev/null 2>&1 || true
fi
complete
