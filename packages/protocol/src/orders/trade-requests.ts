/**
 * What a command asks for in a book: the tenders that it places, those that it takes back, and the request's own id.
 *
 * Commands of every type are listed, so that a new one says here what it means to orders.
 */
import { hashText, unreachable, type HashHex, type InstantMs, type Sha256 } from "@micromarket/kernel";
import { readEnvelope } from "@micromarket/identity";
import type { Tender } from "@micromarket/market";
import {
  commandWithin,
  encodeCommand,
  headedLots,
  tendersOf,
  type BareCommand,
  type Command,
} from "@micromarket/engine";
import { clientOrderId } from "./client-order-id.ts";

/** A tender that a command places. */
export interface PlacedTender {
  readonly slot: InstantMs;
  readonly tender: Tender;
  /** Its place in a command that places several; `null` where there is one. */
  readonly index: number | null;
}

/** What a command means to orders. */
export interface TradeRequest {
  readonly command: BareCommand;
  /** The sender's own id of the request: the name of its batch, else the salt of its envelope; `null`: it has none. */
  readonly requestId: string | null;
  readonly placed: readonly PlacedTender[];
  /** The client order ids that it names, in its order. */
  readonly orders: readonly string[];
}

type Trading = Pick<TradeRequest, "placed" | "orders">;

const NO_TRADING: Trading | null = null;

/** What `command` asks for in a book; `null` where that is nothing. */
export function tradeRequest(command: Command): TradeRequest | null {
  const within = commandWithin(command);
  return within === null ? null : requestOf(within, batchNameOf(within) ?? saltOf(command));
}

function saltOf(command: Command): string | null {
  const envelope = command.type === "Signed" ? readEnvelope(command.envelope) : null;
  return envelope?.ok === true ? envelope.value.payload.salt : null;
}

/** A batch is named by its sender. */
function batchNameOf(command: BareCommand): string | null {
  return command.type === "SubmitTenders" ? clientOrderId({ id: command.batch, party: command.party }) : null;
}

function requestOf(command: BareCommand, requestId: string | null): TradeRequest | null {
  const trading = tradingOf(command);
  return trading === null ? null : { command, requestId, ...trading };
}

function tradingOf(command: BareCommand): Trading | null {
  switch (command.type) {
    case "SubmitTender": {
      const { slot, tender } = command;
      return { placed: [{ slot, tender, index: null }], orders: [clientOrderId(tender)] };
    }
    case "ReplaceTender": {
      const { slot, tender, replaced: id } = command;
      const orders = [clientOrderId({ id, party: tender.party }), clientOrderId(tender)];
      return { placed: [{ slot, tender, index: null }], orders };
    }
    case "CancelTender": {
      const { party, tender: id } = command;
      return { placed: [], orders: [clientOrderId({ id, party })] };
    }
    case "SubmitTenders": {
      const placed = headedLots(command).flatMap(({ head, lot }) =>
        [...tendersOf(lot, head)].map((tender, place) => ({ slot: lot.slot, tender, index: head.first + place })),
      );
      return { placed, orders: placed.map(({ tender }) => clientOrderId(tender)) };
    }
    case "CancelTenders": {
      const { party, tenders } = command;
      return { placed: [], orders: (tenders ?? []).map((id) => clientOrderId({ id, party })) };
    }
    case "RegisterParty":
    case "CreditAccount":
    case "PayOut":
    case "SetCreditLine":
    case "SetTariff":
    case "SetTie":
    case "SubmitPosition":
    case "CloseGate":
    case "ApplyAward":
    case "SettleTie":
    case "FallBack":
    case "ReportDelivery":
    case "ReadMeter":
    case "EstimateDeliveries":
    case "EnrolKey":
    case "RotateKey":
    case "RevokeKey":
    case "SetStanding":
    case "MakeGrant":
    case "RevokeGrant":
      return NO_TRADING;
    default:
      return unreachable(command);
  }
}

/** SHA-256 of the canonical text of what is asked for: the same order has the same one, in whatever envelope it comes. */
export function orderFingerprint({ slot, tender }: Pick<PlacedTender, "slot" | "tender">, sha256?: Sha256): HashHex {
  return hashText(encodeCommand({ type: "SubmitTender", slot, tender }), sha256);
}

/** SHA-256 of the canonical text of the command without its envelope. */
export function requestFingerprint(command: BareCommand, sha256?: Sha256): HashHex {
  return hashText(encodeCommand(command), sha256);
}
