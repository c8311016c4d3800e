/**
 * The gate before the commands: what comes in an envelope counts if its signer may commit its party to it.
 *
 * Invariant: a refusal changes nothing, whatever refuses. The envelope of a command that is refused for itself may be sent
 * again (a tender that was too early is no replay), and nothing of a grant is used up by it.
 *
 * Precedence: the envelope's own (`AdmissionRefusal`), VALUE_MALFORMED of its body, COMMAND_NOT_OF_TYPE,
 * GRANT_NOT_FOR_TYPE, COMMAND_OF_OTHER_PARTY, COUNTING_NOT_OWN_TO_START, STANDING_NOT_OWN_TO_SET,
 * TENDER_ID_NOT_OWN, GRANT_NOT_PARENTS_TO_MAKE; by
 * grant SLOT_MISALIGNED and what the tender itself, or the batch, is refused for, then the grant's (`GrantUseRefusal`);
 * then the command's own.
 */
import {
  checkAdmission,
  checkGrant,
  countGrantUse,
  isShallow,
  readEnvelope,
  rememberAdmitted,
  type Admission,
  type Payload,
  type Verify,
} from "@micromarket/identity";
import {
  canonicalText,
  durationMs,
  unreachable,
  type HashHex,
  type InstantMs,
  type PartyId,
  type TenderId,
} from "@micromarket/kernel";
import type {
  BareCommand,
  Command,
  SessionCommand,
  ReplaceTender,
  Signed,
  SubmitTender,
  SubmitTenders,
} from "./command.ts";
import { decodeCommand } from "./command-text.ts";
import { isBare, isCarriedBy, isGrantable, SIGNING_ROLES } from "./commitments.ts";
import { isMarketSlot } from "./gate.ts";
import { cumulativeUses, grantUsesOf } from "./grant-use.ts";
import { ENVELOPE_WINDOW_MAX } from "./limits.ts";
import type { Placement } from "./lot.ts";
import { makeGrant } from "./make-grant.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { Refusal } from "./refusal.ts";
import { marketGenesis } from "./rules-record.ts";
import type { State } from "./state.ts";
import { refuseContent } from "./submit-tender.ts";
import { headedLots, refuseContents, refuseShape } from "./submit-tenders.ts";
import { voidEquivocations } from "./void-equivocation.ts";

/** Obeys a bare command. */
export type Obey = (state: State, command: BareCommand, now: InstantMs) => Outcome;

/** Who says something, for whom and as what: in an envelope, or as a message of a session. */
export interface Saying extends Pick<Payload, "type" | "signer" | "party" | "grant"> {
  /** Of the envelope, or the message's hash under its slot's root. */
  readonly id: HashHex;
}

/** Admits the envelope and obeys what is in it. */
export function obeySigned(
  state: State,
  { envelope: text }: Signed,
  now: InstantMs,
  verify: Verify,
  obey: Obey,
): Outcome {
  const admission = admissionTo(state, verify);
  const admitted = checkAdmission(text, admission, now);
  if (!admitted.ok) return refuse(admitted.error);
  const { payload } = admitted.value;
  const read = decodeCommand(canonicalText(payload.body));
  if (!read.ok) return refuse(read.error);
  const command = read.value;
  if (!isCarriedBy(payload.type, command))
    return refuse({ code: "COMMAND_NOT_OF_TYPE", type: payload.type, command: command.type });
  const outcome = obeySaying(state, { ...payload, id: admitted.value.id }, command, now, obey);
  if (!outcome.ok) return outcome;
  rememberAdmitted(admitted.value, admission, now);
  return outcome;
}

/** Obeys the command if who says it may commit the party to it; from GRANT_NOT_FOR_TYPE on in the order above. */
export function obeySaying(state: State, saying: Saying, command: BareCommand, now: InstantMs, obey: Obey): Outcome {
  const refusal = refuseAuthor(state, saying, command) ?? refuseByGrant(state, saying, command, now);
  return refusal === null ? obeyAuthor(state, saying, command, now, obey) : refuse(refusal);
}

/**
 * The command that a journal's entry is about: the one in the envelope, or in the session's message, where there is one;
 * `null` of a malformed one, and of what is about a session itself.
 */
export function commandWithin(command: Command): BareCommand | null {
  if (isBare(command)) return command;
  const text = textWithin(command);
  if (text === null || !isShallow(text)) return null;
  const read = decodeCommand(text);
  return read.ok && isBare(read.value) ? read.value : null;
}

function textWithin(command: Signed | SessionCommand): string | null {
  if (command.type === "InSession") return command.body;
  if (command.type !== "Signed") return null;
  const envelope = readEnvelope(command.envelope);
  return envelope.ok ? canonicalText(envelope.value.payload.body) : null;
}

/** The gate for envelopes. All look at the market's own time: nothing is allowed for clocks that differ. */
export function admissionTo({ rules, registry, seen }: State, verify: Verify): Admission {
  return {
    net: marketGenesis(rules),
    market: rules.market,
    registry,
    seen,
    verify,
    types: SIGNING_ROLES,
    skew: durationMs(0),
    windowMax: ENVELOPE_WINDOW_MAX,
  };
}

/** Whether the command is the party's to give, by this type of envelope. */
function refuseAuthor(state: State, { type, party, grant }: Saying, command: BareCommand): Refusal | null {
  if (grant !== undefined && !isGrantable(type)) return { code: "GRANT_NOT_FOR_TYPE", type };
  const committed = partyCommitted(state, command);
  const isOwn = type !== "operator" || command.type === "RotateKey";
  if (isOwn && committed !== null && committed !== party) return { code: "COMMAND_OF_OTHER_PARTY", party: committed };
  if (type === "reading" && command.type === "ReadMeter" && command.isStart === true)
    return { code: "COUNTING_NOT_OWN_TO_START", party };
  if (type === "admin" && command.type === "SetStanding" && command.standing !== "left")
    return { code: "STANDING_NOT_OWN_TO_SET", party };
  const id = isPlacingOne(command) ? command.tender.id : command.type === "SubmitTenders" ? command.batch : null;
  if (id !== null && !isIdOf(id, party)) return { code: "TENDER_ID_NOT_OWN", tender: id };
  if (type === "delegation" && command.type === "MakeGrant" && (grant ?? null) !== command.grant.parent)
    return { code: "GRANT_NOT_PARENTS_TO_MAKE", grant: command.grant.id };
  return null;
}

/** Whom the command commits; `null` where that is nobody, or what it is about is unknown and it will be refused for that. */
function partyCommitted({ rules, registry, grants }: State, command: BareCommand): PartyId | null {
  switch (command.type) {
    case "SubmitTender":
    case "ReplaceTender":
      return command.tender.party;
    case "CancelTender":
    case "SubmitTenders":
    case "CancelTenders":
    case "SubmitPosition":
    case "ReportDelivery":
    case "ReadMeter":
    case "SetStanding":
      return command.party;
    case "ApplyAward":
    case "SettleTie":
      return rules.residual.party;
    case "RotateKey":
    case "RevokeKey":
      return registry.keys.get(command.did)?.party ?? null;
    case "MakeGrant":
      return command.grant.party;
    case "RevokeGrant":
      return grants.get(command.grant)?.grant.party ?? null;
    case "RegisterParty":
    case "CreditAccount":
    case "PayOut":
    case "SetCreditLine":
    case "EstimateDeliveries":
    case "SetTariff":
    case "SetTie":
    case "EnrolKey":
    case "CloseGate":
    case "FallBack":
      return null; // the operator's word, or the node's own
    default:
      return unreachable(command);
  }
}

/** Whether it places one tender. */
function isPlacingOne(command: BareCommand): command is SubmitTender | ReplaceTender {
  return command.type === "SubmitTender" || command.type === "ReplaceTender";
}

/** `PARTY/NAME`, the name without a slash: no two parties have an id in common, however they are called. */
function isIdOf(id: TenderId, party: PartyId): boolean {
  return id.startsWith(`${party}/`) && id.lastIndexOf("/") === party.length;
}

function refuseByGrant(
  { grants, rules }: State,
  { type, signer, party, grant }: Saying,
  command: BareCommand,
  now: InstantMs,
): Refusal | null {
  if (grant === undefined) return null;
  const faulty = refuseUse(rules, command);
  if (faulty !== null) return faulty;
  for (const use of cumulativeUses(grantUsesOf(type, command, rules.auction))) {
    const covered = checkGrant(grants, grant, { signer, party }, use, now);
    if (!covered.ok) return covered.error;
  }
  return null;
}

/** What is wrong with the command itself, so that what it would use of a grant cannot be said. */
function refuseUse(rules: State["rules"], command: BareCommand): Refusal | null {
  if (command.type === "SubmitTenders") {
    const shapeless = refuseShape(command);
    if (shapeless !== null) return shapeless;
    const stray = headedLots(command).find(({ lot }) => !isMarketSlot(rules, lot.slot));
    if (stray === undefined) return refuseContents(command, rules.auction);
    const refusal = { code: "SLOT_MISALIGNED", slot: stray.lot.slot } as const;
    return { code: "BATCH_REFUSED", index: stray.head.first, refusal };
  }
  const slot = "slot" in command ? command.slot : null;
  if (slot !== null && !isMarketSlot(rules, slot)) return { code: "SLOT_MISALIGNED", slot };
  return isPlacingOne(command) ? refuseContent(command.tender, rules.auction) : null;
}

/** Obeys, and notes what the signature means: who placed a tender, what was used of a grant, who made one. */
function obeyAuthor(
  state: State,
  { type, signer, grant, id: envelope }: Saying,
  command: BareCommand,
  now: InstantMs,
  obey: Obey,
): Outcome {
  if (command.type === "MakeGrant") return makeGrant(state, command, grant === undefined ? null : signer);
  const outcome = obey(state, command, now);
  if (!isPlacingOne(command) && command.type !== "SubmitTenders") return outcome;
  if (!outcome.ok) {
    const { refusal } = outcome;
    const { code } = refusal.code === "BATCH_REFUSED" ? refusal.refusal : refusal;
    const found = code === "TENDER_ALREADY_EXISTS" ? voidEquivocations(state, command, { signer, envelope }, now) : [];
    return found.length === 0 ? outcome : accept(...found);
  }
  notePlacement(state, command, { envelope, signer });
  if (grant === undefined) return outcome;
  for (const use of grantUsesOf(type, command, state.rules.auction)) countGrantUse(state.grants, grant, use, now);
  return outcome;
}

/** Notes by which envelope tenders came that were just placed. */
function notePlacement(
  { books }: State,
  command: SubmitTender | ReplaceTender | SubmitTenders,
  placement: Placement,
): void {
  if (command.type !== "SubmitTenders") {
    books.get(command.slot)?.placed.set(command.tender.id, placement);
    return;
  }
  for (const { slot } of command.lots) {
    const lot = books.get(slot)?.tenders.lotOf(command.batch);
    if (lot !== undefined) lot.placement = placement;
  }
}
