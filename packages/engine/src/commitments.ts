/**
 * The types of envelopes: whose keys sign them, and which commands they carry. A signature of one type is none of another
 * (the type stands in front of what is signed), so that a key of a device commits nobody to a tender.
 *
 * Invariant: of each command somebody has decided by what it is carried; what nobody decided does not compile.
 */
import type { KeyRole } from "@micromarket/identity";
import type { BareCommand, Command } from "./command.ts";

/** What an envelope may be. */
export type EnvelopeType = "order" | "reading" | "position" | "award" | "admin" | "delegation" | "operator";

interface Commitment {
  /** Whose keys sign it. */
  readonly roles: readonly KeyRole[];
  /** Whether somebody else's key may sign it by a grant. */
  readonly byGrant: boolean;
}

const COMMITMENTS: Readonly<Record<EnvelopeType, Commitment>> = {
  order: { roles: ["gateway", "owner"], byGrant: true },
  reading: { roles: ["device", "gateway"], byGrant: true },
  position: { roles: ["gateway"], byGrant: false },
  // the key of the market above is the residual counterparty's
  award: { roles: ["gateway", "operator"], byGrant: false },
  admin: { roles: ["owner"], byGrant: false },
  // a grantee passes on what its grant allows, where that allows to pass it on
  delegation: { roles: ["gateway", "owner"], byGrant: true },
  operator: { roles: ["operator"], byGrant: false },
};

/**
 * The envelopes that carry each command. None: the node says it by itself, and it counts without a signature, because
 * whoever has the journal and the time could say it: a gate is closed by the clock, and what is cleared is what the book
 * says; a fallback, and an estimate of what was not read, is a deadline that passed.
 */
const CARRIED_BY: Readonly<Record<BareCommand["type"], readonly EnvelopeType[]>> = {
  SubmitTender: ["order"],
  CancelTender: ["order"],
  ReplaceTender: ["order"],
  SubmitTenders: ["order"],
  CancelTenders: ["order"],
  SubmitPosition: ["position"],
  ApplyAward: ["award"],
  SettleTie: ["award"],
  ReportDelivery: ["reading", "operator"],
  ReadMeter: ["reading", "operator"],
  RegisterParty: ["operator"],
  CreditAccount: ["operator"],
  PayOut: ["operator"],
  SetCreditLine: ["operator"],
  SetTariff: ["operator"],
  SetTie: ["operator"],
  EnrolKey: ["operator"],
  RotateKey: ["admin", "operator"],
  RevokeKey: ["admin", "operator"],
  SetStanding: ["admin", "operator"],
  MakeGrant: ["admin", "delegation"],
  RevokeGrant: ["admin", "operator"],
  CloseGate: [],
  FallBack: [],
  EstimateDeliveries: [],
};

/** Which keys may sign which type. */
export const SIGNING_ROLES: ReadonlyMap<string, readonly KeyRole[]> = new Map(
  Object.entries(COMMITMENTS).map(([type, { roles }]) => [type, roles]),
);

/** What may be said in a session instead, message by message. */
const SAID_IN_SESSIONS: readonly EnvelopeType[] = ["order", "reading", "position"];

/** Whether it is told without anything around it. */
export function isBare(command: Command): command is BareCommand {
  return Object.hasOwn(CARRIED_BY, command.type);
}

/** Whether an envelope of `type` carries the command. */
export function isCarriedBy(type: string, command: Command): command is BareCommand {
  return isBare(command) && CARRIED_BY[command.type].some((carrier) => carrier === type);
}

/** The type of envelope in the place of which a session carries the command; `null` where none does. */
export function typeInSession(command: BareCommand): EnvelopeType | null {
  return CARRIED_BY[command.type].find(isSaidInSessions) ?? null;
}

/** Whether what envelopes of `type` say may be said in a session. */
export function isSaidInSessions(type: string): boolean {
  return SAID_IN_SESSIONS.some((said) => said === type);
}

/** Whether somebody else's key may sign an envelope of `type` by a grant. */
export function isGrantable(type: string): boolean {
  return Object.entries(COMMITMENTS).some(([name, { byGrant }]) => name === type && byGrant);
}

/** Whether the node says this by itself, from its clock and its journal. */
export function isDerived(command: Command): boolean {
  return isBare(command) && CARRIED_BY[command.type].length === 0;
}
