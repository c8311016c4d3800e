/**
 * The types of envelopes: whose keys sign them, and which commands they carry. A signature of one type is none of another
 * (the type stands in front of what is signed), so that a key of a device commits nobody to a tender.
 */
import type { KeyRole } from "@micromarket/identity";
import type { BareCommand, Command } from "./command.ts";

interface Commitment {
  readonly roles: readonly KeyRole[];
  readonly commands: readonly BareCommand["type"][];
  /** Whether somebody else's key may sign by a grant. */
  readonly byGrant: boolean;
}

/** By type of envelope. */
export const COMMITMENTS: ReadonlyMap<string, Commitment> = new Map<string, Commitment>([
  ["order", { roles: ["gateway", "owner"], commands: ["SubmitTender", "CancelTender"], byGrant: true }],
  ["reading", { roles: ["device", "gateway"], commands: ["ReportDelivery"], byGrant: true }],
  ["position", { roles: ["gateway"], commands: ["SubmitPosition"], byGrant: false }],
  // by the key of the market above, which is the residual counterparty's
  ["award", { roles: ["gateway", "operator"], commands: ["ApplyAward"], byGrant: false }],
  [
    "admin",
    {
      roles: ["owner"],
      commands: ["RotateKey", "RevokeKey", "SetStanding", "MakeGrant", "RevokeGrant"],
      byGrant: false,
    },
  ],
  // a grantee passes on what its grant allows, where that allows to pass it on
  ["delegation", { roles: ["gateway", "owner"], commands: ["MakeGrant"], byGrant: true }],
  [
    "operator",
    {
      roles: ["operator"],
      commands: [
        "RegisterParty",
        "CreditAccount",
        "SetTariff",
        "SetTie",
        "EnrolKey",
        "RotateKey",
        "RevokeKey",
        "SetStanding",
        "RevokeGrant",
        "ReportDelivery",
      ],
      byGrant: false,
    },
  ],
]);

/** Which keys may sign which type. */
export const SIGNING_ROLES: ReadonlyMap<string, readonly KeyRole[]> = new Map(
  [...COMMITMENTS].map(([type, { roles }]) => [type, roles]),
);

/**
 * What counts without a signature in a signed market: what anybody who has the journal and the time could say. A gate is
 * closed by the clock, and what is cleared is what the book says; a fallback is a deadline that passed.
 */
const DERIVED: ReadonlySet<Command["type"]> = new Set<Command["type"]>(["CloseGate", "FallBack"]);

/** Whether the node says this by itself, from its clock and its journal. */
export function isDerived({ type }: Command): boolean {
  return DERIVED.has(type);
}
