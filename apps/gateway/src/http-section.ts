/** Where the page is and who may ask; and secrets, which the file only refers to and no message repeats. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { complain } from "@micromarket/data-files";
import type { YamlPath } from "@micromarket/yaml-files";
import { refuseAccess } from "@micromarket/api-http";
import type { GatewayReading } from "./clock-section.ts";
import type { HttpConfig } from "./gateway-config.ts";
import { readServerTls } from "./tls-section.ts";

/** Where the page is, by default. */
export const DEFAULT_HTTP = { host: "127.0.0.1", port: 8_080 } as const;

/** Reads `http`. */
export function readHttp(reading: GatewayReading): HttpConfig | null {
  const { host = DEFAULT_HTTP.host, port = DEFAULT_HTTP.port, token, ...rest } = reading.file.http ?? {};
  const { tls, behindProxy: isBehindProxy = false, ...allowed } = rest;
  const { allowedOrigins = [], allowedHosts = [] } = allowed;
  const secret = token === undefined ? null : readSecret(reading, ["http", "token"], token);
  const files = tls === undefined ? null : readServerTls(reading, tls);
  if ((token !== undefined && secret === null) || (tls !== undefined && files === null)) return null;
  const refusal = refuseAccess(host, {
    ...{ allowedOrigins, allowedHosts, isBehindProxy, isTls: files !== null },
    hasPrincipals: reading.file.api !== undefined,
    ...(secret === null ? {} : { token: secret }),
  });
  if (refusal === null) return { host, port, token: secret, allowedOrigins, allowedHosts, tls: files, isBehindProxy };
  const { key, mend } = MENDS[refusal.code] ?? { key: "host", mend: "change it" };
  return complain(reading, ["http", key], { code: refusal.code, what: refusal.message, mend });
}

const MENDS: Readonly<Record<string, { readonly key: string; readonly mend: string }>> = {
  TOKEN_NEEDED: { key: "host", mend: "add http.token: ${env:NAME} or file:PATH, or write host: 127.0.0.1" },
  TLS_NEEDED: {
    key: "host",
    mend: "add http.tls, or write behindProxy: true where a proxy that speaks TLS is all that reaches this host",
  },
  TOKEN_TOO_SHORT: { key: "token", mend: "make a longer one, e.g. with openssl rand -hex 32" },
  TOKEN_MALFORMED: { key: "token", mend: "make one of visible ASCII, e.g. with openssl rand -hex 32" },
  ORIGIN_MALFORMED: { key: "allowedOrigins", mend: "write scheme, name and port only" },
  HOST_MALFORMED: { key: "allowedHosts", mend: "write the name only" },
};

/** What `${env:NAME}` or `file:PATH` at `path` stands for. */
export function readSecret(reading: GatewayReading, path: YamlPath, reference: string): string | null {
  const variable = /^\$\{env:([A-Za-z_]\w*)\}$/.exec(reference)?.[1];
  if (variable !== undefined) {
    const value = reading.env[variable];
    if (value !== undefined && value !== "") return value;
    const what = `the environment has no ${variable}`;
    return complain(reading, path, { code: "SECRET_MISSING", what, mend: `set ${variable} before the start` });
  }
  if (!reference.startsWith("file:")) {
    const what = "a secret stands in the file itself, or it is no reference"; // not shown: it may be the secret
    return complain(reading, path, { code: "SECRET_INLINE", what, mend: "write ${env:NAME} or file:PATH" });
  }
  const file = resolve(reading.folder, reference.slice("file:".length));
  try {
    const value = readFileSync(file, "utf8").trim();
    if (value !== "") return value;
    return complain(reading, path, {
      code: "SECRET_MISSING",
      what: `${file} is empty`,
      mend: "write the secret into it",
    });
  } catch (error) {
    const what = `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
    return complain(reading, path, { code: "SECRET_MISSING", what, mend: "check the path and its permissions" });
  }
}
