/**
 * The socket to a broker, made here and not by the library: the library would take a proxy from the environment, and a
 * client id from the URL.
 */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { CheckedOptions } from "./link-options.ts";

/** Begins to connect. With TLS the broker's certificate is checked against its name, unless the options say otherwise. */
export function openStream({ url, tls }: Pick<CheckedOptions, "url" | "tls">): Socket {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  if (protocol === "mqtt:") return connectTcp({ host, port: Number(port || "1883") });
  const name = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ host, port: Number(port || "8883"), ...name, ...tls });
}
