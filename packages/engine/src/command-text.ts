/**
 * Commands as canonical text: what the journal holds and its hashes cover. One command has one text; every other
 * spelling of it is refused, and so is an unknown type, an unknown field and a value of a wrong type.
 */
import {
  canonicalText,
  decodeBoolean,
  decodeCanonical,
  decodeInteger,
  decodeList,
  decodeNullable,
  decodeObject,
  decodeOneOf,
  decodeText,
  malformed,
  unreachable,
  type CanonicalValue,
  type DecodeFailure,
  type Decoder,
  type Result,
} from "@micromarket/kernel";
import { decodeDid, decodeGrant, decodeRole, decodeStanding, grantRecord } from "@micromarket/identity";
import type { Command, SessionCommand } from "./command.ts";
import { curveRecord, decodeCurve, decodeParts, decodeTie, partsRecord, tieRecord } from "./curve-record.ts";
import {
  decodeAmount,
  decodeEnergy,
  decodeHash,
  decodeInstant,
  decodePartyId,
  decodePrice,
  decodeTenderId,
} from "./decode-quantities.ts";
import { decodeTenderLot, tenderLotRecord } from "./lot-record.ts";
import { decodeTender, tenderRecord } from "./tender-record.ts";

/** Longest text of a command that is looked at, in UTF-16 code units; the largest tender needs less than a tenth. */
export const COMMAND_LENGTH_MAX = 65_536;

type CommandOf<Type extends Command["type"]> = Extract<Command, { readonly type: Type }>;

const decoders: { readonly [Type in Command["type"]]: Decoder<CommandOf<Type>> } = {
  RegisterParty: decodeObject(
    { type: decodeOneOf("RegisterParty"), party: decodePartyId },
    { delivery: decodeOneOf("metered", "scheduled", "financial") },
  ),
  CreditAccount: decodeObject({
    type: decodeOneOf("CreditAccount"),
    party: decodePartyId,
    amount: decodeAmount,
    reference: decodeText,
  }),
  PayOut: decodeObject({
    type: decodeOneOf("PayOut"),
    party: decodePartyId,
    amount: decodeAmount,
    reference: decodeText,
  }),
  SetCreditLine: decodeObject({ type: decodeOneOf("SetCreditLine"), party: decodePartyId, limit: decodeAmount }),
  SetTariff: decodeObject({
    type: decodeOneOf("SetTariff"),
    from: decodeInstant,
    tariff: decodePrice,
    feedIn: decodePrice,
  }),
  SubmitTender: decodeObject({ type: decodeOneOf("SubmitTender"), slot: decodeInstant, tender: decodeTender }),
  CancelTender: decodeObject({
    type: decodeOneOf("CancelTender"),
    slot: decodeInstant,
    party: decodePartyId,
    tender: decodeTenderId,
  }),
  ReplaceTender: decodeObject({
    type: decodeOneOf("ReplaceTender"),
    slot: decodeInstant,
    replaced: decodeTenderId,
    tender: decodeTender,
  }),
  SubmitTenders: decodeObject({
    type: decodeOneOf("SubmitTenders"),
    party: decodePartyId,
    batch: decodeTenderId,
    lots: decodeList(decodeTenderLot),
  }),
  CancelTenders: decodeObject({
    type: decodeOneOf("CancelTenders"),
    party: decodePartyId,
    slot: decodeNullable(decodeInstant),
    tenders: decodeNullable(decodeList(decodeTenderId)),
  }),
  SetTie: decodeObject({
    type: decodeOneOf("SetTie"),
    from: decodeInstant,
    tie: decodeNullable(decodeTie),
  }),
  SubmitPosition: decodeObject({
    type: decodeOneOf("SubmitPosition"),
    slot: decodeInstant,
    party: decodePartyId,
    number: decodeInteger,
    curve: decodeCurve,
  }),
  ApplyAward: decodeObject(
    {
      type: decodeOneOf("ApplyAward"),
      slot: decodeInstant,
      number: decodeInteger,
      price: decodePrice,
      energy: decodeEnergy,
    },
    { parts: decodeParts },
  ),
  SettleTie: decodeObject({
    type: decodeOneOf("SettleTie"),
    slot: decodeInstant,
    number: decodeInteger,
    after: decodeInteger,
    amount: decodeAmount,
    award: decodeAmount,
  }),
  FallBack: decodeObject({
    type: decodeOneOf("FallBack"),
    slot: decodeInstant,
    to: decodeOneOf("island", "tariff"),
  }),
  CloseGate: decodeObject({ type: decodeOneOf("CloseGate"), slot: decodeInstant }),
  ReportDelivery: decodeObject({
    type: decodeOneOf("ReportDelivery"),
    slot: decodeInstant,
    party: decodePartyId,
    imported: decodeEnergy,
    exported: decodeEnergy,
  }),
  ReadMeter: decodeObject(
    {
      type: decodeOneOf("ReadMeter"),
      party: decodePartyId,
      at: decodeInstant,
      imported: decodeEnergy,
      exported: decodeEnergy,
    },
    { isStart: decodeBoolean, isEstimate: decodeBoolean },
  ),
  EstimateDeliveries: decodeObject({ type: decodeOneOf("EstimateDeliveries"), slot: decodeInstant }),
  EnrolKey: decodeObject({
    type: decodeOneOf("EnrolKey"),
    party: decodePartyId,
    did: decodeText,
    role: decodeRole,
    from: decodeInstant,
  }),
  RotateKey: decodeObject({
    type: decodeOneOf("RotateKey"),
    did: decodeDid,
    next: decodeText,
    from: decodeInstant,
    until: decodeInstant,
  }),
  RevokeKey: decodeObject({ type: decodeOneOf("RevokeKey"), did: decodeDid }),
  SetStanding: decodeObject({ type: decodeOneOf("SetStanding"), party: decodePartyId, standing: decodeStanding }),
  MakeGrant: decodeObject({ type: decodeOneOf("MakeGrant"), grant: decodeGrant }),
  RevokeGrant: decodeObject({ type: decodeOneOf("RevokeGrant"), grant: decodeText }),
  Signed: decodeObject({ type: decodeOneOf("Signed"), envelope: decodeText }),
  OpenSession: decodeObject({ type: decodeOneOf("OpenSession"), greeting: decodeText, answer: decodeText }),
  InSession: decodeObject({
    type: decodeOneOf("InSession"),
    session: decodeHash,
    sequence: decodeInteger,
    body: decodeText,
  }),
  CloseSessionSlot: decodeObject({ type: decodeOneOf("CloseSessionSlot"), envelope: decodeText }),
  EndSession: decodeObject({ type: decodeOneOf("EndSession"), envelope: decodeText }),
};
const decoderByType = new Map<unknown, Decoder<Command>>(Object.entries(decoders));

/** The canonical text of `command`. */
export function encodeCommand(command: Command): string {
  return canonicalText(commandRecord(command));
}

/** Reads a command from its canonical text. */
export function decodeCommand(text: string): Result<Command, DecodeFailure> {
  if (text.length > COMMAND_LENGTH_MAX) return malformed("", `at most ${COMMAND_LENGTH_MAX} characters`, text);
  return decodeCanonical(text, decodeByType, encodeCommand);
}

const decodeByType: Decoder<Command> = (value, path) => {
  if (typeof value !== "object" || value === null || !("type" in value)) return malformed(path, "a command", value);
  const decoder = decoderByType.get(value.type);
  return decoder === undefined ? malformed("type", "the type of a command", value.type) : decoder(value, path);
};

/** Fields stand in the order of the canonical text, which spares it the sorting. */
function commandRecord(command: Command): CanonicalValue {
  const { type } = command;
  switch (type) {
    case "RegisterParty":
      return {
        ...(command.delivery === undefined ? {} : { delivery: command.delivery }),
        party: command.party,
        type,
      };
    case "CreditAccount":
    case "PayOut":
      return { amount: command.amount, party: command.party, reference: command.reference, type };
    case "SetCreditLine":
      return { limit: command.limit, party: command.party, type };
    case "SetTariff":
      return { feedIn: command.feedIn, from: command.from, tariff: command.tariff, type };
    case "SubmitTender":
      return { slot: command.slot, tender: tenderRecord(command.tender), type };
    case "CancelTender":
      return { party: command.party, slot: command.slot, tender: command.tender, type };
    case "ReplaceTender":
      return { replaced: command.replaced, slot: command.slot, tender: tenderRecord(command.tender), type };
    case "SubmitTenders":
      return { batch: command.batch, lots: command.lots.map(tenderLotRecord), party: command.party, type };
    case "CancelTenders":
      return { party: command.party, slot: command.slot, tenders: command.tenders, type };
    case "CloseGate":
      return { slot: command.slot, type };
    case "SetTie":
      return { from: command.from, tie: tieRecord(command.tie), type };
    case "SubmitPosition": {
      const { slot, party, number, curve } = command;
      return { curve: curveRecord(curve), number, party, slot, type };
    }
    case "ApplyAward": {
      const { slot, number, price, parts, energy } = command;
      if (parts === undefined) return { energy, number, price, slot, type };
      return { energy, number, parts: partsRecord(parts), price, slot, type };
    }
    case "SettleTie": {
      const { slot, number, after, amount, award } = command;
      return { after, amount, award, number, slot, type };
    }
    case "FallBack":
      return { slot: command.slot, to: command.to, type };
    case "ReportDelivery": {
      const { slot, party, imported, exported } = command;
      return { exported, imported, party, slot, type };
    }
    case "ReadMeter": {
      const { party, at, imported, exported, isStart = false, isEstimate = false } = command;
      const read = { at, exported, imported, party, type };
      return { ...read, ...(isStart ? { isStart } : {}), ...(isEstimate ? { isEstimate } : {}) };
    }
    case "EstimateDeliveries":
      return { slot: command.slot, type };
    default:
      return identityRecord(command);
  }
}

type IdentityCommand = CommandOf<
  | "EnrolKey"
  | "RotateKey"
  | "RevokeKey"
  | "SetStanding"
  | "MakeGrant"
  | "RevokeGrant"
  | "Signed"
  | SessionCommand["type"]
>;

function identityRecord(command: IdentityCommand): CanonicalValue {
  const { type } = command;
  switch (type) {
    case "EnrolKey": {
      const { party, did, role, from } = command;
      return { type, party, did, role, from };
    }
    case "RotateKey": {
      const { did, next, from, until } = command;
      return { type, did, next, from, until };
    }
    case "RevokeKey":
      return { type, did: command.did };
    case "SetStanding":
      return { type, party: command.party, standing: command.standing };
    case "MakeGrant":
      return { type, grant: grantRecord(command.grant) };
    case "RevokeGrant":
      return { type, grant: command.grant };
    case "Signed":
    case "CloseSessionSlot":
    case "EndSession":
      return { envelope: command.envelope, type };
    case "OpenSession":
      return { answer: command.answer, greeting: command.greeting, type };
    case "InSession":
      return { body: command.body, sequence: command.sequence, session: command.session, type };
    default:
      return unreachable(command);
  }
}
