/** A registry of two principals, and what they show: bot by key, certificate and token, desk by a pinned certificate, too. */
import { X509Certificate } from "node:crypto";
import { instantMs } from "@micromarket/kernel";
import {
  createAccessRegistry,
  fingerprintOf,
  keysInText,
  type AccessEvent,
  type AdministeredRegistry,
  type Credential,
  type Pass,
  type PrincipalEntry,
  type RegistryInit,
  type ShownCertificate,
} from "@micromarket/api-http";
import { authority, selfSigned, type Certified } from "./certificates.ts";
import { AUDIENCE, ISSUER, issuerKey, setOf } from "./issuer.ts";
import { answerOf, edwardsHolder, secpHolder } from "./signers.ts";

export const TOKEN = "the-operators-own-token";
export const ORIGIN = "https://market.example";
export const utility = authority("utility");
export const below = utility.below("utility-bots");
export const stranger = authority("stranger");
export const bot = { key: secpHolder("bot"), certificate: below.sign({ subject: "/O=Utility/CN=bot-1" }) };
export const pinned = selfSigned({ subject: "/CN=pinned" });
export const desk = edwardsHolder();
export const key = await issuerKey("k1");

export function entry(id: string, more: Partial<PrincipalEntry> = {}): PrincipalEntry {
  const principal = { id, grants: [], limits: { sessionsMax: 2, rates: null } };
  return { principal, certificates: [], keys: [], tokens: [], ...more };
}

/** A certificate as a connection shows it, with those above it. */
export function shown(
  certified: Certified,
  trust: ShownCertificate["trust"] = "trusted",
  ...above: readonly Certified[]
): Credential {
  const chain = [certified, ...above].map(({ cert }) => new X509Certificate(cert).raw);
  return { kind: "certificate", certificate: { chain, trust } };
}

export interface Setting {
  readonly registry: AdministeredRegistry;
  readonly events: AccessEvent[];
  /** Lets time pass. */
  readonly pass: (ms: number) => void;
}

/** The clock of certificates is real: they are made by openssl. Tokens are good at NOW_MS, so that tests of them set it. */
export function open(init: Partial<RegistryInit> = {}, startMs: number = Date.now()): Setting {
  let now = startMs;
  const events: AccessEvent[] = [];
  const keys = keysInText(setOf([key]));
  if (!keys.ok) throw new Error(keys.error.what);
  const registry = createAccessRegistry({
    server: "street-1",
    principals: [
      entry("bot", {
        keys: [bot.key.did],
        certificates: [{ subject: "O=Utility, CN=bot-1", ca: utility.cert }],
        tokens: [{ issuer: ISSUER, subject: "bot-1" }],
      }),
      entry("desk", {
        keys: [desk.did],
        certificates: [
          { fingerprint: fingerprintOf(new X509Certificate(pinned.cert)) },
          { dnsName: "desk.utility.example", ca: null },
        ],
        tokens: [{ issuer: ISSUER, clientId: "desk-1" }],
      }),
    ],
    issuers: [{ issuer: ISSUER, audience: AUDIENCE, keys: keys.value, skewSeconds: 5 }],
    operatorToken: TOKEN,
    allowsOrigin: (origin) => origin === undefined || origin === ORIGIN,
    now: () => instantMs(now),
    tell: (event) => events.push(event),
    ...init,
  });
  return { registry, events, pass: (ms) => (now += ms) };
}

export async function who({ registry }: Pick<Setting, "registry">, credential: Credential): Promise<string> {
  const known = await registry.authenticate(credential, "192.0.2.7");
  return known.ok ? `${known.value.principal.id} by ${known.value.method}` : known.error.reason;
}

export async function passOf({ registry }: Pick<Setting, "registry">, credential: Credential): Promise<Pass> {
  const known = await registry.authenticate(credential, "");
  if (!known.ok) throw new Error(known.error.reason);
  return known.value;
}

export const answer = ({ registry }: Pick<Setting, "registry">, holder = bot.key): Credential => ({
  kind: "answer",
  answer: answerOf(holder, registry.challenge()),
});
export const bearer = (token: string): Credential => ({ kind: "bearer", token });
export const ticketOf = (ticket: string, origin: string | undefined = ORIGIN): Credential => ({
  kind: "ticket",
  ticket,
  origin,
});
