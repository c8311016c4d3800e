/** TLS of the server itself. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { refuseTls, type TlsOptions, type TlsRefusal } from "@micromarket/api-http";
import { complain } from "@micromarket/data-files";
import { fail, ok, type Result } from "@micromarket/kernel";
import type { YamlPath } from "@micromarket/yaml-files";
import type { ServerTlsEntry } from "./api-schema.ts";
import type { GatewayReading } from "./clock-section.ts";
import type { TlsFiles } from "./gateway-config.ts";

/** Why TLS files are of no use. */
export interface TlsFileRefusal {
  readonly code: TlsRefusal["code"] | "PEM_UNREADABLE";
  readonly key: keyof ServerTlsEntry;
  readonly what: string;
  readonly mend: string;
}

/** Reads `http.tls`; `null` where it is wrong. */
export function readServerTls(reading: GatewayReading, entry: ServerTlsEntry): TlsFiles | null {
  const path = (name: string): string => resolve(reading.folder, name);
  const { clientCa, clientCertificates = clientCa === undefined ? "none" : "request" } = entry;
  const files = {
    ...{ certificate: path(entry.certificate), key: path(entry.key), clientCertificates },
    clientCa: clientCa === undefined ? null : path(clientCa),
  };
  const read = readTlsFiles(files);
  if (read.ok) return files;
  const { key, ...complaint } = read.error;
  return complain(reading, ["http", "tls", key], complaint);
}

/** What the files hold at the moment. Secrets stand in no refusal. */
export function readTlsFiles(files: TlsFiles): Result<TlsOptions, TlsFileRefusal> {
  const texts: Partial<Record<"certificate" | "key" | "clientCa", string>> = {};
  for (const key of ["certificate", "key", "clientCa"] as const) {
    const file = files[key];
    if (file === null) continue;
    const text = readPemFile(file);
    if (!text.ok)
      return fail({ code: "PEM_UNREADABLE", key, what: text.error, mend: "check the path and its permissions" });
    texts[key] = text.value;
  }
  const { certificate = "", key = "", clientCa = null } = texts;
  const options = { certificate, key, clientCa, clientCertificates: files.clientCertificates };
  const refused = refuseTls(options);
  return refused === null ? ok(options) : fail({ code: refused.code, what: refused.message, ...MENDS[refused.code] });
}

const MENDS: Readonly<Record<TlsRefusal["code"], { readonly key: keyof ServerTlsEntry; readonly mend: string }>> = {
  TLS_CERTIFICATE_UNFIT: { key: "certificate", mend: "name a PEM file that begins with the gateway's certificate" },
  TLS_KEY_UNFIT: { key: "key", mend: "name the PEM file of the certificate's key, without a passphrase" },
  TLS_KEY_OTHER: { key: "key", mend: "name the key that the certificate was made for" },
  TLS_CA_UNFIT: { key: "clientCa", mend: "name the PEM file of the authority that signs clients' certificates" },
  TLS_CA_NEEDED: { key: "clientCertificates", mend: "add clientCa, or write request" },
};

/** The text of an authority's certificate at `name`; `null` where it is none. */
export function readAuthority(reading: GatewayReading, path: YamlPath, name: string): string | null {
  const file = resolve(reading.folder, name);
  const text = readPemFile(file);
  if (!text.ok) {
    return complain(reading, path, {
      code: "PEM_UNREADABLE",
      what: text.error,
      mend: "check the path and its permissions",
    });
  }
  if (/-----BEGIN CERTIFICATE-----/.test(text.value)) return text.value;
  const what = `${file} holds no certificate`;
  return complain(reading, path, { code: "PEM_UNFIT", what, mend: "name a PEM file that does" });
}

function readPemFile(file: string): Result<string, string> {
  try {
    return ok(readFileSync(file, "utf8"));
  } catch (error) {
    return fail(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
}
