/**
 * TLS of the server itself: its certificate and key, and the authority of its clients' certificates.
 *
 * Invariants: TLS 1.2 at least; a session is never resumed, so that every connection's certificate was verified by this
 * handshake; files that do not fit together change nothing, the server goes on with what it has.
 */
import { constants, X509Certificate, createPrivateKey } from "node:crypto";
import type { ServerOptions } from "node:https";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { fail, ok, type Result } from "@micromarket/kernel";

/** What the files hold: texts in PEM. */
export interface TlsTexts {
  /** The server's certificate, with the authorities between it and the root behind it. */
  readonly certificate: string;
  readonly key: string;
  /** Who signs clients' certificates; `null`: nobody, certificates are known by their fingerprint alone. */
  readonly clientCa: string | null;
}

/** How connections are made. */
export interface TlsOptions extends TlsTexts {
  /** `none`: clients show no certificate. `require`: who shows none, or one that is not trusted, ends in the handshake. */
  readonly clientCertificates: "none" | "request" | "require";
}

/** Why TLS cannot be done with these files. */
export type TlsRefusal = {
  readonly code: "TLS_CERTIFICATE_UNFIT" | "TLS_KEY_UNFIT" | "TLS_KEY_OTHER" | "TLS_CA_UNFIT" | "TLS_CA_NEEDED";
  readonly message: string;
};

/** The first reason why these texts cannot serve, or `null`. */
export function refuseTls({ certificate, key, clientCa, clientCertificates }: TlsOptions): TlsRefusal | null {
  const leaf = attempt(() => new X509Certificate(certificate));
  if (leaf === null)
    return { code: "TLS_CERTIFICATE_UNFIT", message: "the certificate is no X.509 certificate in PEM" };
  const secret = attempt(() => createPrivateKey(key));
  if (secret === null)
    return { code: "TLS_KEY_UNFIT", message: "the key is no private key in PEM, or it has a passphrase" };
  if (!leaf.checkPrivateKey(secret))
    return { code: "TLS_KEY_OTHER", message: "the key is not that of the certificate" };
  if (clientCertificates === "require" && clientCa === null) {
    return { code: "TLS_CA_NEEDED", message: "client certificates are required, and nothing says who signs them" };
  }
  if (clientCa === null) return null;
  const authority = attempt(() => new X509Certificate(clientCa));
  if (authority === null)
    return { code: "TLS_CA_UNFIT", message: "the client authority is no X.509 certificate in PEM" };
  return authority.ca
    ? null
    : { code: "TLS_CA_UNFIT", message: "the client authority's certificate is not that of an authority" };
}

/** The options of an HTTPS server. */
export function httpsOptions(tls: TlsOptions): ServerOptions {
  const asks = tls.clientCertificates !== "none";
  return { ...contextOptions(tls), requestCert: asks, rejectUnauthorized: tls.clientCertificates === "require" };
}

/** What of it may change while the server runs; a failure leaves things as they are. */
export function secureContext(tls: TlsOptions): Result<SecureContextOptions, TlsRefusal> {
  const refused = refuseTls(tls);
  if (refused !== null) return fail(refused);
  const options = contextOptions(tls);
  try {
    createSecureContext(options);
    return ok(options);
  } catch (error) {
    return fail({ code: "TLS_CERTIFICATE_UNFIT", message: error instanceof Error ? error.message : String(error) });
  }
}

function contextOptions({ certificate, key, clientCa }: TlsTexts): SecureContextOptions {
  return {
    cert: certificate,
    key,
    ca: clientCa ?? [], // never the authorities of the web: none of them signs for this site's clients
    minVersion: "TLSv1.2",
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

function attempt<Value>(make: () => Value): Value | null {
  try {
    return make();
  } catch {
    return null;
  }
}
