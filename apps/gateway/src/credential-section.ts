/** What principals show: each credential is one of certificate, key and oauth, and nobody else's. */
import type { CertificateRule, PrincipalEntry, TokenRule } from "@micromarket/api-http";
import { complain } from "@micromarket/data-files";
import type { YamlPath } from "@micromarket/yaml-files";
import type { PrincipalItem } from "./api-schema.ts";
import type { GatewayReading } from "./clock-section.ts";
import { readAuthority } from "./tls-section.ts";

type CredentialItem = PrincipalItem["credentials"][number];
type CertificateItem = NonNullable<CredentialItem["certificate"]>;
type OauthItem = NonNullable<CredentialItem["oauth"]>;

/** What credentials are held against. */
interface CredentialContext {
  readonly issuers: ReadonlySet<string>;
  /** Whose each credential is, by a text of it; written here. */
  readonly owners: Map<string, string>;
  readonly isKey: (did: string) => boolean;
}

/** Reads the credentials of one principal. */
export function readCredentials(
  reading: GatewayReading,
  path: YamlPath,
  { id, credentials }: PrincipalItem,
  context: CredentialContext,
): Pick<PrincipalEntry, "certificates" | "keys" | "tokens"> {
  const certificates: CertificateRule[] = [];
  const keys: string[] = [];
  const tokens: TokenRule[] = [];
  for (const [index, item] of credentials.entries()) {
    const place = [...path, index];
    if (Object.keys(item).length !== 1) {
      const what = "a credential is one of certificate, key and oauth";
      complain(reading, place, { code: "CREDENTIAL_UNCLEAR", what, mend: "write one entry of the list for each" });
      continue;
    }
    const [certificate, key, token] = [
      item.certificate === undefined ? null : readCertificate(reading, [...place, "certificate"], item.certificate),
      item.key === undefined ? null : readKey(reading, [...place, "key"], item.key, context),
      item.oauth === undefined ? null : readToken(reading, [...place, "oauth"], item.oauth, context),
    ];
    if (certificate !== null) certificates.push(certificate);
    if (key !== null) keys.push(key);
    if (token !== null) tokens.push(token);
    const text = JSON.stringify(certificate ?? key ?? token);
    if (certificate !== null || key !== null || token !== null) claim(reading, place, id, text, context);
  }
  return { certificates, keys, tokens };
}

function claim(
  reading: GatewayReading,
  place: YamlPath,
  id: string,
  text: string,
  { owners }: CredentialContext,
): void {
  const other = owners.get(text);
  if (other !== undefined) {
    const what = `this credential already is "${other}"'s: nobody could tell them apart`;
    complain(reading, place, { code: "CREDENTIAL_TWICE", what, mend: "give each principal a credential of its own" });
  }
  owners.set(text, id);
}

function readCertificate(reading: GatewayReading, path: YamlPath, item: CertificateItem): CertificateRule | null {
  const { fingerprint, subject, dnsName, ca } = item;
  const { tls } = reading.file.http ?? {};
  const named = [fingerprint, subject, dnsName].filter((each) => each !== undefined).length;
  if (named !== 1 || (fingerprint !== undefined && ca !== undefined)) {
    const what = "a certificate is named by fingerprint, or by subject or dnsName under an authority";
    return complain(reading, path, { code: "CERTIFICATE_UNCLEAR", what, mend: "write one of the three" });
  }
  if (
    tls === undefined ||
    tls.clientCertificates === "none" ||
    (tls.clientCertificates ?? tls.clientCa) === undefined
  ) {
    const what = "no client is asked for a certificate here";
    const mend = "add http.tls with clientCertificates: request";
    return complain(reading, path, { code: "CERTIFICATE_UNASKED", what, mend });
  }
  if (fingerprint !== undefined) return readFingerprint(reading, [...path, "fingerprint"], fingerprint);
  if (tls.clientCa === undefined) {
    const what = "a name in a certificate says nothing unless somebody who is trusted has signed it";
    return complain(reading, path, {
      code: "CA_MISSING",
      what,
      mend: "add http.tls.clientCa, or name the fingerprint",
    });
  }
  const authority = ca === undefined ? null : readAuthority(reading, [...path, "ca"], ca);
  if (ca !== undefined && authority === null) return null;
  return subject === undefined ? { dnsName: dnsName ?? "", ca: authority } : { subject, ca: authority };
}

function readFingerprint(reading: GatewayReading, path: YamlPath, text: string): CertificateRule | null {
  const fingerprint = text.replaceAll(":", "").toLowerCase();
  if (/^[0-9a-f]{64}$/.test(fingerprint)) return { fingerprint };
  const what = `"${text}" is no SHA-256 fingerprint: 64 hexadecimal digits, with or without colons`;
  const mend = "openssl x509 -noout -fingerprint -sha256 -in FILE prints it";
  return complain(reading, path, { code: "FINGERPRINT_MALFORMED", what, mend });
}

function readKey(reading: GatewayReading, path: YamlPath, did: string, { isKey }: CredentialContext): string | null {
  if (isKey(did)) return did;
  const what = `"${did}" is no did:key of secp256k1 (zQ3s…) or Ed25519 (z6Mk…)`;
  return complain(reading, path, { code: "KEY_MALFORMED", what, mend: "copy the whole text of the public key" });
}

function readToken(
  reading: GatewayReading,
  path: YamlPath,
  { issuer, subject, clientId }: OauthItem,
  { issuers }: CredentialContext,
): TokenRule | null {
  if (!issuers.has(issuer)) {
    const what = `api.issuers has no "${issuer}"`;
    return complain(reading, [...path, "issuer"], {
      code: "ISSUER_UNKNOWN",
      what,
      mend: "add it, to the letter of iss",
    });
  }
  if ((subject === undefined) === (clientId === undefined)) {
    const what = "a token names its bearer by subject or by clientId";
    return complain(reading, path, { code: "TOKEN_RULE_UNCLEAR", what, mend: "write one of the two" });
  }
  return subject === undefined ? { issuer, clientId: clientId ?? "" } : { issuer, subject };
}
