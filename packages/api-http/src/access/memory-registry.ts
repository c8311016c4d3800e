/**
 * The access registry of one server: who its principals are, what they have shown, what they were given.
 *
 * Invariants: a credential is one principal's; a revocation is on disk before it is answered, and from then on no
 * credential, bearer, ticket or open session of the principal is worth anything; the operator cannot be revoked.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { verifyInJavaScript, type Verify } from "@micromarket/identity";
import { fail, instantMs, ok, type InstantMs, type Result } from "@micromarket/kernel";
import { looksLikeJwt, verifyAccessToken, type TokenIssuer } from "./access-token.ts";
import { authRefusal } from "./auth-refusal.ts";
import { ownerOf, type CertificateRule, type RuledCertificate } from "./certificate.ts";
import { Challenges } from "./challenge.ts";
import {
  EVERY_PARTY,
  OPERATOR_ID,
  SCOPES,
  type AccessRegistry,
  type AuthMethod,
  type AuthRefusal,
  type Challenge,
  type Credential,
  type IssuedSecret,
  type Pass,
  type PassEnd,
  type Principal,
  type RateMeter,
  type SessionSeat,
} from "./principal.ts";
import { RateMeters } from "./rate-meters.ts";
import { memoryRevocations, type Revocation, type RevocationStore } from "./revocations.ts";
import { earlier, SecretStore } from "./secret-store.ts";
import { readSigningKey, type SigningKey } from "./signing-key.ts";

/** How long a bearer lasts that was given for a signature. */
export const BEARER_MS = 900_000;
/** How long a ticket waits for its upgrade. */
export const TICKET_MS = 30_000;
/** Most bearers, and most tickets, of one principal: one more ends the oldest. */
const SECRETS_MAX = 16;
const OPERATOR_SESSIONS_MAX = 64;

/** By what a token of an issuer names a principal. */
export type TokenRule = { readonly issuer: string } & ({ readonly subject: string } | { readonly clientId: string });

/** A principal, and by what it is known. */
export interface PrincipalEntry {
  readonly principal: Principal;
  readonly certificates: readonly CertificateRule[];
  /** did:key texts that `readSigningKey` takes. */
  readonly keys: readonly string[];
  readonly tokens: readonly TokenRule[];
}

/** Something that the log shall say. */
export type AccessEvent =
  | {
      readonly type: "refused";
      readonly refusal: AuthRefusal;
      readonly from: string;
      readonly principalId: string | null;
    }
  | { readonly type: "revoked"; readonly principalId: string; readonly by: string }
  | { readonly type: "restored"; readonly principalId: string; readonly by: string }
  | { readonly type: "listener-failed"; readonly error: unknown };

/** What a registry is made of. */
export interface RegistryInit {
  /** The name that clients sign for. */
  readonly server: string;
  readonly principals: readonly PrincipalEntry[];
  readonly issuers: readonly TokenIssuer[];
  /** The operator's token; `null`: none, and where there are no principals either, who shows nothing is the operator. */
  readonly operatorToken: string | null;
  readonly allowsOrigin: AccessRegistry["allowsOrigin"];
  /** The machine's wall clock. */
  readonly now: () => InstantMs;
  /** The arithmetic of secp256k1. @default verifyInJavaScript */
  readonly verify?: Verify;
  /** @default in memory */
  readonly revocations?: RevocationStore;
  readonly tell?: (event: AccessEvent) => void;
}

/** How a principal stands. */
export interface PrincipalStanding {
  readonly principal: Principal;
  /** Open sessions. */
  readonly sessions: number;
  readonly revocation: Revocation | null;
}

/** A registry, with what only the operator does. */
export interface AdministeredRegistry extends AccessRegistry {
  /** Whether anybody but the operator is known. */
  readonly hasPrincipals: boolean;
  /** In order of id. */
  readonly standings: () => readonly PrincipalStanding[];
  /** Ends everything of the principal, now and after a restart; throws where that cannot be kept. `false`: unknown. */
  readonly revoke: (id: string, by: string) => boolean;
  /** Lets its credentials count again; what it was given before stays worthless. `false`: unknown, or not revoked. */
  readonly restore: (id: string, by: string) => boolean;
}

/** Makes a registry; throws where its revocations cannot be read, or a key is none. */
export function createAccessRegistry(init: RegistryInit): AdministeredRegistry {
  return new MemoryRegistry(init);
}

/** The operator: everything, uncounted. */
export const OPERATOR: Principal = {
  id: OPERATOR_ID,
  grants: [{ party: EVERY_PARTY, scopes: new Set(SCOPES) }],
  limits: { sessionsMax: OPERATOR_SESSIONS_MAX, rates: null },
};

interface OwnedKey extends SigningKey {
  readonly principal: Principal;
}

class MemoryRegistry implements AdministeredRegistry {
  readonly allowsOrigin: AccessRegistry["allowsOrigin"];
  readonly #init: RegistryInit;
  readonly #challenges: Challenges;
  readonly #meters: RateMeters;
  readonly #store: RevocationStore;
  readonly #bearers = new SecretStore<Pass>("mmb_", SECRETS_MAX);
  readonly #tickets = new SecretStore<{ readonly pass: Pass; readonly origin: string | undefined }>(
    "mmt_",
    SECRETS_MAX,
  );
  readonly #principals: ReadonlyMap<string, Principal>;
  readonly #certificates: readonly RuledCertificate<Principal>[];
  readonly #keys: ReadonlyMap<string, OwnedKey>;
  readonly #tokens: ReadonlyMap<string, Principal>;
  readonly #issuers: ReadonlyMap<string, TokenIssuer>;
  readonly #revoked: Map<string, Revocation>;
  readonly #sessions = new Map<string, number>();
  readonly #listeners = new Set<(end: PassEnd) => void>();

  constructor(init: RegistryInit) {
    const { principals, server, now, revocations = memoryRevocations() } = init;
    this.#init = init;
    this.allowsOrigin = init.allowsOrigin;
    this.#challenges = new Challenges(server);
    this.#meters = new RateMeters(now);
    this.#store = revocations;
    this.#principals = new Map(principals.map(({ principal }) => [principal.id, principal]));
    this.#certificates = principals.flatMap(({ principal: owner, certificates }) =>
      certificates.map((rule) => ({ rule, owner })),
    );
    this.#keys = ownedKeys(principals, init.verify ?? verifyInJavaScript);
    this.#tokens = new Map(
      principals.flatMap(({ principal, tokens }) => tokens.map((rule) => [tokenKey(rule), principal] as const)),
    );
    this.#issuers = new Map(init.issuers.map((issuer) => [issuer.issuer, issuer]));
    this.#revoked = new Map(revocations.load().map((revocation) => [revocation.id, revocation]));
  }

  get hasPrincipals(): boolean {
    return this.#principals.size > 0;
  }

  async authenticate(credential: Credential, from: string): Promise<Result<Pass, AuthRefusal>> {
    const now = this.#init.now();
    const found = await this.#recognise(credential, now);
    const refusal = found.ok ? this.check(found.value) : found.error;
    if (refusal === null) return found;
    this.#tell({ type: "refused", refusal, from, principalId: found.ok ? found.value.principal.id : null });
    return fail(refusal);
  }

  async #recognise(credential: Credential, now: InstantMs): Promise<Result<Pass, AuthRefusal>> {
    const { kind } = credential;
    if (this.#isOpen && kind !== "ticket" && kind !== "answer") return ok(pass(OPERATOR, "operator", null));
    switch (kind) {
      case "nothing":
        return fail(authRefusal("CREDENTIAL_MISSING"));
      case "certificate": {
        const owner = ownerOf(credential.certificate, this.#certificates, now);
        return owner.ok ? ok(pass(owner.value.owner, "certificate", owner.value.expires)) : owner;
      }
      case "answer": {
        const key = this.#challenges.check(credential.answer, (did) => this.#keys.get(did), now);
        return key.ok ? ok(pass(key.value.principal, "key", instantMs(now + BEARER_MS))) : key;
      }
      case "ticket":
        return this.#redeem(credential.ticket, credential.origin, now);
      case "bearer":
        return this.#recogniseBearer(credential.token, now);
    }
  }

  /** On loopback with neither token nor principals: whoever asks is the operator, whatever they show. */
  get #isOpen(): boolean {
    return this.#init.operatorToken === null && !this.hasPrincipals;
  }

  #redeem(ticket: string, origin: string | undefined, now: InstantMs): Result<Pass, AuthRefusal> {
    const found = this.#tickets.take(ticket, now);
    if (found === null) return fail(authRefusal("TICKET_UNKNOWN"));
    if (found === "expired") return fail(authRefusal("TICKET_EXPIRED"));
    if (found.value.origin !== origin) return fail(authRefusal("TICKET_ORIGIN_OTHER", origin?.slice(0, 200)));
    const { principal, expires } = found.value.pass;
    return ok(pass(principal, "ticket", expires));
  }

  async #recogniseBearer(token: string, now: InstantMs): Promise<Result<Pass, AuthRefusal>> {
    const { operatorToken } = this.#init;
    if (operatorToken !== null && areEqual(token, operatorToken)) return ok(pass(OPERATOR, "operator", null));
    if (this.#bearers.isOne(token)) {
      const found = this.#bearers.find(token, now);
      if (found === null) return fail(authRefusal("BEARER_UNKNOWN"));
      return found === "expired" ? fail(authRefusal("BEARER_EXPIRED")) : ok(found.value);
    }
    if (this.#issuers.size === 0 || !looksLikeJwt(token)) return fail(authRefusal("OPERATOR_TOKEN_WRONG"));
    const bearer = await verifyAccessToken(token, this.#issuers, now);
    if (!bearer.ok) return bearer;
    const { issuer, subject, clientId, expires } = bearer.value;
    const principal =
      (subject === null ? undefined : this.#tokens.get(tokenKey({ issuer, subject }))) ??
      (clientId === null ? undefined : this.#tokens.get(tokenKey({ issuer, clientId })));
    const note = `sub ${JSON.stringify(subject)}, client_id ${JSON.stringify(clientId)}`;
    return principal === undefined
      ? fail(authRefusal("TOKEN_SUBJECT_UNKNOWN", note.slice(0, 400)))
      : ok(pass(principal, "oauth", expires));
  }

  challenge(): Challenge {
    return this.#challenges.make(this.#init.now());
  }

  issueBearer(held: Pass): Result<IssuedSecret, AuthRefusal> {
    const refusal = this.check(held);
    if (refusal !== null) return fail(refusal);
    const now = this.#init.now();
    const expires = earlier(instantMs(now + BEARER_MS), held.expires);
    return ok(this.#bearers.issue(held.principal.id, { ...held, expires }, expires, now));
  }

  issueTicket(held: Pass, origin: string | undefined): Result<IssuedSecret, AuthRefusal> {
    const refusal = this.check(held);
    if (refusal !== null) return fail(refusal);
    const now = this.#init.now();
    const expires = earlier(instantMs(now + TICKET_MS), held.expires);
    return ok(this.#tickets.issue(held.principal.id, { pass: held, origin }, expires, now));
  }

  async refresh(held: Pass, credential: Credential, from: string): Promise<Result<Pass, AuthRefusal>> {
    const renewed = await this.authenticate(credential, from);
    if (!renewed.ok || renewed.value.principal.id === held.principal.id) return renewed;
    const refusal = authRefusal("PRINCIPAL_OTHER", renewed.value.principal.id);
    this.#tell({ type: "refused", refusal, from, principalId: held.principal.id });
    return fail(refusal);
  }

  check({ principal, expires }: Pass): AuthRefusal | null {
    if (this.#revoked.has(principal.id)) return authRefusal("PRINCIPAL_REVOKED", principal.id);
    return expires !== null && expires <= this.#init.now() ? authRefusal("PASS_EXPIRED", principal.id) : null;
  }

  openSession(held: Pass): Result<SessionSeat, AuthRefusal> {
    const refusal = this.check(held);
    if (refusal !== null) return fail(refusal);
    const { id, limits } = held.principal;
    const open = this.#sessions.get(id) ?? 0;
    if (open >= limits.sessionsMax) return fail(authRefusal("SESSIONS_TAKEN", `${id}: ${open}`));
    this.#sessions.set(id, open + 1);
    let isOpen = true;
    const close = (): void => {
      if (isOpen) this.#sessions.set(id, (this.#sessions.get(id) ?? 1) - 1);
      isOpen = false;
    };
    return ok({ close });
  }

  onRevoked(listener: (end: PassEnd) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  meterOf(principal: Principal): RateMeter {
    return this.#meters.meterOf(principal);
  }

  connectionMeter(principal: Principal): RateMeter {
    return this.#meters.connectionMeter(principal);
  }

  standings(): readonly PrincipalStanding[] {
    return [...this.#principals.values()]
      .sort((one, other) => (one.id < other.id ? -1 : 1))
      .map((principal) => {
        const { id } = principal;
        return { principal, sessions: this.#sessions.get(id) ?? 0, revocation: this.#revoked.get(id) ?? null };
      });
  }

  revoke(id: string, by: string): boolean {
    if (!this.#principals.has(id)) return false;
    const revocation = this.#revoked.get(id) ?? { id, at: this.#init.now(), by };
    this.#store.save([...[...this.#revoked.values()].filter((each) => each.id !== id), revocation]);
    this.#revoked.set(id, revocation);
    this.#bearers.forgetOwner(id);
    this.#tickets.forgetOwner(id);
    this.#tell({ type: "revoked", principalId: id, by });
    const end: PassEnd = { principalId: id, refusal: authRefusal("PRINCIPAL_REVOKED", id) };
    for (const listener of [...this.#listeners]) this.#notify(listener, end);
    return true;
  }

  /** One session that cannot be closed does not keep the others open. */
  #notify(listener: (end: PassEnd) => void, end: PassEnd): void {
    try {
      listener(end);
    } catch (error) {
      this.#tell({ type: "listener-failed", error });
    }
  }

  restore(id: string, by: string): boolean {
    if (!this.#principals.has(id) || !this.#revoked.has(id)) return false;
    this.#store.save([...this.#revoked.values()].filter((each) => each.id !== id));
    this.#revoked.delete(id);
    this.#tell({ type: "restored", principalId: id, by });
    return true;
  }

  #tell(event: AccessEvent): void {
    this.#init.tell?.(event);
  }
}

function pass(principal: Principal, method: AuthMethod, expires: InstantMs | null): Pass {
  return { principal, method, expires };
}

function tokenKey(rule: TokenRule): string {
  return JSON.stringify([
    rule.issuer,
    "subject" in rule ? "sub" : "client",
    "subject" in rule ? rule.subject : rule.clientId,
  ]);
}

function ownedKeys(principals: readonly PrincipalEntry[], verify: Verify): ReadonlyMap<string, OwnedKey> {
  const keys = new Map<string, OwnedKey>();
  for (const { principal, keys: dids } of principals) {
    for (const did of dids) {
      const key = readSigningKey(did, verify);
      if (!key.ok) throw new Error(`${did} is no did:key of secp256k1 or Ed25519`);
      keys.set(did, { ...key.value, principal });
    }
  }
  return keys;
}

/** Whether two texts are equal; takes as long for every wrong one. */
function areEqual(given: string, kept: string): boolean {
  return timingSafeEqual(digest(given), digest(kept));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
