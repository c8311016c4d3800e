/**
 * Who may come in besides the operator: issuers of access tokens, and principals with what they show and may do.
 *
 * Invariants: a credential is one principal's; a grant names a party of this market; what is not understood lets nobody in.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  DEFAULT_RATES,
  EVERY_PARTY,
  keysInText,
  OPERATOR_ID,
  readSigningKey,
  type PartyGrant,
  type PrincipalEntry,
  type PrincipalLimits,
} from "@micromarket/api-http";
import { complain, readDuration } from "@micromarket/data-files";
import { verifyInJavaScript } from "@micromarket/identity";
import { isIdentifier, suggest } from "@micromarket/kernel";
import type { YamlPath } from "@micromarket/yaml-files";
import type { ApiEntry, IssuerItem, PrincipalItem } from "./api-schema.ts";
import type { GatewayReading } from "./clock-section.ts";
import { readCredentials } from "./credential-section.ts";
import type { ApiConfig, IssuerConfig } from "./gateway-config.ts";

const SESSIONS_MAX = 4;
const SKEW_MS = 5_000;
const SKEW_MS_MAX = 60_000;
const MS_PER_SECOND = 1_000;

/** Reads `api`; `null` where there is none. */
export function readApi(reading: GatewayReading): ApiConfig | null {
  const entry = reading.file.api;
  if (entry === undefined) return null;
  const issuers = readIssuers(reading, entry);
  return {
    serverName: entry.serverName ?? reading.file.name,
    issuers,
    principals: readPrincipals(reading, entry, new Set((entry.issuers ?? []).map(({ issuer }) => issuer))),
  };
}

function readIssuers(reading: GatewayReading, { issuers = [] }: ApiEntry): readonly IssuerConfig[] {
  const names = new Set<string>();
  return issuers.flatMap((item, index) => {
    const path = ["api", "issuers", index];
    if (names.has(item.issuer)) {
      const what = `"${item.issuer}" stands here twice`;
      complain(reading, [...path, "issuer"], { code: "ISSUER_TWICE", what, mend: "take one of them out" });
    }
    names.add(item.issuer);
    const skewMs: number = item.skew === undefined ? SKEW_MS : readDuration(item.skew);
    if (skewMs > SKEW_MS_MAX) {
      const what = `a token would count ${item.skew ?? ""} after its end`;
      complain(reading, [...path, "skew"], { code: "SKEW_UNFIT", what, mend: "write 60s or less, and set the clocks" });
    }
    const jwks = readJwks(reading, [...path, "jwks"], item);
    if (jwks === null) return [];
    return [{ issuer: item.issuer, audience: item.audience, skewSeconds: Math.floor(skewMs / MS_PER_SECOND), jwks }];
  });
}

function readJwks(reading: GatewayReading, path: YamlPath, { jwks }: IssuerItem): IssuerConfig["jwks"] | null {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(jwks)) return readJwksUrl(reading, path, jwks);
  const file = resolve(reading.folder, jwks);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const what = `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
    return complain(reading, path, { code: "JWKS_UNREADABLE", what, mend: "check the path, or write an https URL" });
  }
  const keys = keysInText(text);
  if (keys.ok) return { text };
  const what = `${file} is not to be used: ${keys.error.what}`;
  const mend = "save the issuer's JWK Set, its public keys alone, as it serves it";
  return complain(reading, path, { code: keys.error.code, what, mend });
}

function readJwksUrl(reading: GatewayReading, path: YamlPath, text: string): IssuerConfig["jwks"] | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isLocal = url?.hostname === "localhost" || url?.hostname === "127.0.0.1" || url?.hostname === "[::1]";
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLocal);
  if (url !== null && isSafe && url.username === "" && url.password === "") return { url: url.href };
  const what = "who changes keys on their way lets anybody in: this URL has no TLS, or holds credentials";
  return complain(reading, path, {
    code: "JWKS_URL_UNSAFE",
    what,
    mend: "write an https URL, or save the keys in a file",
  });
}

function readPrincipals(
  reading: GatewayReading,
  { principals }: ApiEntry,
  issuers: ReadonlySet<string>,
): readonly PrincipalEntry[] {
  const ids = new Set<string>();
  const owners = new Map<string, string>();
  const parties = partiesOf(reading);
  return principals.map((item, index) => {
    const path = ["api", "principals", index];
    checkId(reading, [...path, "id"], item.id, ids);
    const credentials = readCredentials(reading, [...path, "credentials"], item, { issuers, owners, isKey });
    const grants = readGrants(reading, [...path, "grants"], item, parties);
    return { principal: { id: item.id, grants, limits: limitsOf(item) }, ...credentials };
  });
}

function isKey(did: string): boolean {
  return readSigningKey(did, verifyInJavaScript).ok;
}

function checkId(reading: GatewayReading, path: YamlPath, id: string, ids: Set<string>): void {
  if (!isIdentifier(id)) {
    const mend = "use printable characters, without blanks at the ends";
    complain(reading, path, { code: "NAME_MALFORMED", what: `${JSON.stringify(id)} is no name`, mend });
  }
  if (id === OPERATOR_ID) {
    const what = `"${OPERATOR_ID}" is who has the gateway's own token`;
    complain(reading, path, { code: "PRINCIPAL_RESERVED", what, mend: "choose another name" });
  }
  if (ids.has(id)) {
    const what = `"${id}" stands for two principals`;
    complain(reading, path, { code: "PRINCIPAL_TWICE", what, mend: "rename one, or put both's credentials under one" });
  }
  ids.add(id);
}

function partiesOf({ file }: GatewayReading): ReadonlySet<string> {
  const unmetered = (file.parties ?? []).map(({ id }) => id);
  return new Set([...file.homes.map(({ id }) => id), ...unmetered, file.supplier.id ?? "supplier"]);
}

function readGrants(
  reading: GatewayReading,
  path: YamlPath,
  { grants }: PrincipalItem,
  parties: ReadonlySet<string>,
): readonly PartyGrant[] {
  const named = new Set<string>();
  for (const [index, { party }] of grants.entries()) {
    const place = [...path, index, "party"];
    if (party !== EVERY_PARTY && !parties.has(party)) {
      const mend =
        suggest(party, [...parties]) ??
        "name a home or one of parties, the supplier, or *; who has no meter stands under parties";
      complain(reading, place, { code: "PARTY_UNKNOWN", what: `no party is "${party}"`, mend });
    }
    if (named.has(party)) {
      const what = `"${party}" has two grants of one principal`;
      complain(reading, place, { code: "GRANT_TWICE", what, mend: "write all scopes in one" });
    }
    named.add(party);
  }
  return grants.map(({ party, scopes }) => ({ party, scopes: new Set(scopes) }));
}

function limitsOf({ limits = {} }: PrincipalItem): PrincipalLimits {
  const { sessions = SESSIONS_MAX, ...rates } = limits;
  return { sessionsMax: sessions, rates: { ...DEFAULT_RATES, ...rates } };
}
