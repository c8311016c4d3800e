/** What the market loop has to say to the operator. Energies of single homes are not among it. */
import type { Command, RefusalCode } from "@micromarket/engine";
import type { InstantMs, PartyId, PriceMicro, WattHours } from "@micromarket/kernel";
import type { MeteredSlot } from "./device-meter.ts";

/** One thing worth saying. */
export type Notice =
  | {
      readonly type: "gate-closed";
      readonly slot: InstantMs;
      /** `null`: nothing was traded. */
      readonly price: PriceMicro | null;
      readonly energy: WattHours;
      readonly tenders: number;
      /** The gate was due while the gateway was not there. */
      readonly late: boolean;
    }
  /** Gates were due while nobody was there to close them, and nothing was tendered. */
  | { readonly type: "slots-missed"; readonly from: InstantMs; readonly through: InstantMs; readonly count: number }
  | { readonly type: "slot-settled"; readonly slot: InstantMs; readonly unaccounted: WattHours }
  /** The slot stays open. */
  | {
      readonly type: "delivery-missing";
      readonly slot: InstantMs;
      readonly party: PartyId;
      readonly reason: Extract<MeteredSlot, { kind: "missing" }>["reason"];
    }
  /** Earlier slots that stay open, told once after a start: `count` of them, the first and the last. */
  | { readonly type: "slots-left-open"; readonly from: InstantMs; readonly through: InstantMs; readonly count: number }
  | {
      readonly type: "command-refused";
      readonly command: Command["type"];
      /** Of a tender. */
      readonly side: "buy" | "sell" | null;
      readonly code: RefusalCode;
    }
  /** No gate is opened or closed until it is found again. */
  | { readonly type: "clock-lost"; readonly reason: string }
  | { readonly type: "clock-found" };
