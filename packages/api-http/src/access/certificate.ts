/**
 * Client certificates: what a connection shows, and whether it is a principal's.
 *
 * Two ways to name one: by the SHA-256 fingerprint of the certificate, which needs no authority; or by its subject or a
 * DNS name in its subjectAltName, which count only under an authority that this server trusts, or under the one that the
 * principal names. In both, the certificate's own dates are looked at on every request: a connection may outlive them.
 */
import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { fail, instantMs, ok, type InstantMs, type Result } from "@micromarket/kernel";
import { authRefusal } from "./auth-refusal.ts";
import type { AuthRefusal, ShownCertificate } from "./principal.ts";

/** Which certificate is a principal's. */
export type CertificateRule =
  /** 64 lower-case hexadecimal digits. */
  | { readonly fingerprint: string }
  /** `ca`: PEM of the authority that must have signed it; `null`: any that the server trusts. */
  | { readonly dnsName: string; readonly ca: string | null }
  /** The distinguished name as OpenSSL prints it, e.g. `CN=bot-1, O=Utility`. */
  | { readonly subject: string; readonly ca: string | null };

/** Longest chain that is followed from a client's certificate to an authority. */
const CHAIN_MAX = 5;

/** What the client at the other end of `socket` has shown; `null`: no certificate, or no TLS. */
export function shownCertificate(socket: Socket): ShownCertificate | null {
  if (!(socket instanceof TLSSocket)) return null;
  const chain: Uint8Array[] = [];
  let next = socket.getPeerX509Certificate();
  while (next !== undefined && chain.length < CHAIN_MAX) {
    chain.push(next.raw);
    next = next.issuerCertificate;
  }
  if (chain.length === 0) return null;
  const reason = String(socket.authorizationError);
  return { chain, trust: socket.authorized ? "trusted" : { reason } };
}

/** A rule with whom it stands for. */
export interface RuledCertificate<Owner> {
  readonly rule: CertificateRule;
  readonly owner: Owner;
}

/** Whose certificate it is, and until when. In this order: form, dates, a fingerprint's owner, trust, a name's owner. */
export function ownerOf<Owner>(
  shown: ShownCertificate,
  rules: readonly RuledCertificate<Owner>[],
  now: InstantMs,
): Result<{ readonly owner: Owner; readonly expires: InstantMs }, AuthRefusal> {
  const chain = readChain(shown);
  const [leaf] = chain ?? [];
  if (chain === null || leaf === undefined) return fail(authRefusal("CERTIFICATE_MALFORMED"));
  const note = describeCertificate(leaf);
  const expires = instantMs(Date.parse(leaf.validTo));
  if (now >= expires) return fail(authRefusal("CERTIFICATE_EXPIRED", `${note}, until ${leaf.validTo}`));
  if (now < Date.parse(leaf.validFrom)) {
    return fail(authRefusal("CERTIFICATE_NOT_YET_VALID", `${note}, from ${leaf.validFrom}`));
  }
  const fingerprint = fingerprintOf(leaf);
  const pinned = rules.find(({ rule }) => "fingerprint" in rule && rule.fingerprint === fingerprint);
  if (pinned !== undefined) return ok({ owner: pinned.owner, expires });
  if (shown.trust !== "trusted") return fail(authRefusal("CERTIFICATE_UNTRUSTED", `${note}: ${shown.trust.reason}`));
  const named = rules.find(({ rule }) => isNamed(chain, leaf, rule));
  return named === undefined ? fail(authRefusal("CERTIFICATE_UNKNOWN", note)) : ok({ owner: named.owner, expires });
}

/** SHA-256 of the certificate, in lower-case hexadecimal digits. */
export function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(":", "").toLowerCase();
}

function readChain({ chain }: ShownCertificate): readonly X509Certificate[] | null {
  try {
    return chain.map((der) => new X509Certificate(der));
  } catch {
    return null;
  }
}

/** What an operator needs in order to let it in. */
function describeCertificate(leaf: X509Certificate): string {
  return `subject ${JSON.stringify(subjectOf(leaf))}, fingerprint ${fingerprintOf(leaf)}`;
}

function subjectOf({ subject }: X509Certificate): string {
  return subject.split("\n").join(", ");
}

function isNamed(chain: readonly X509Certificate[], leaf: X509Certificate, rule: CertificateRule): boolean {
  if ("fingerprint" in rule) return false;
  const hasName =
    "subject" in rule
      ? subjectOf(leaf) === rule.subject
      : leaf.checkHost(rule.dnsName, { subject: "never", wildcards: false }) !== undefined;
  return hasName && (rule.ca === null || leadsTo(chain, leaf, new X509Certificate(rule.ca)));
}

/**
 * Whether the authority has signed the certificate, or one above it in the chain. Each step is checked by its signature:
 * a client may send certificates that are none of its own.
 */
function leadsTo(chain: readonly X509Certificate[], leaf: X509Certificate, authority: X509Certificate): boolean {
  let current: X509Certificate | undefined = leaf;
  for (let step = 0; step < CHAIN_MAX && current !== undefined; step++) {
    if (hasSigned(authority, current)) return true;
    const below: X509Certificate = current;
    current = chain.find((each) => each !== below && each.ca && hasSigned(each, below));
  }
  return false;
}

function hasSigned(issuer: X509Certificate, subject: X509Certificate): boolean {
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}
