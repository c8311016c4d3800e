/** What a gateway's event stream has shown of the market, as facts to be found again. */
import { get, type IncomingMessage } from "node:http";
import type { MarketEvent } from "@micromarket/engine";
import type { InstantMs } from "@micromarket/kernel";

interface EventOnWire {
  readonly type: string;
  readonly data: Readonly<Record<string, string | number | null>>;
}

/** Listens to gateways one after another; each fact is one text. */
export class Witness {
  readonly facts = new Set<string>();
  #response: IncomingMessage | null = null;

  /** Listens to the gateway at `url` until that ends. */
  listen(url: string): void {
    const request = get(`${url}/api/v1/events`, (response) => {
      this.#response = response;
      let unread = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        const frames = (unread + text).split("\n\n");
        unread = frames.pop() ?? "";
        for (const frame of frames) this.#take(frame);
      });
      response.on("error", () => undefined); // the gateway was killed
    });
    request.on("error", () => undefined);
  }

  close(): void {
    this.#response?.destroy();
  }

  #take(frame: string): void {
    const text = /^data: (.*)$/m.exec(frame)?.[1];
    if (text === undefined) return;
    const { type, data } = JSON.parse(text) as EventOnWire;
    const { slot_ms: slot, party } = data;
    if (type === "gate-closed") {
      const { start_ms, closed_at_ms, price_micro_per_kwh, energy_wh, tender_count, trade_count } = data;
      this.facts.add(
        factOf("closed", start_ms, closed_at_ms, price_micro_per_kwh, energy_wh, tender_count, trade_count),
      );
    }
    if (type === "delivery-posted") {
      this.facts.add(factOf("delivered", slot, party, data["imported_wh"], data["exported_wh"], data["deviation_wh"]));
    }
    if (type === "slot-settled") this.facts.add(factOf("settled", slot, data["unaccounted_wh"]));
  }
}

const factOf = (...parts: readonly unknown[]): string => JSON.stringify(parts);

/** The facts that the journal's events hold. */
export function factsOf(at: InstantMs, events: readonly MarketEvent[]): readonly string[] {
  return events.flatMap((event) => {
    switch (event.type) {
      case "GateClosed": {
        const { price, energy, trades } = event.result;
        return [factOf("closed", event.slot, at, price, energy, event.tenders.length, trades.length)];
      }
      case "DeliveryPosted":
        return [factOf("delivered", event.slot, event.party, event.imported, event.exported, event.deviation)];
      case "SlotSettled":
        return [factOf("settled", event.slot, event.unaccounted)];
      default:
        return [];
    }
  });
}
