/**
 * A utility's bot at a feeder, step by step: register, look, bid, limit, watch, release. What each does is in docs/UTILITY.md.
 *
 *   node docs/examples/node/feeder-bot.mjs STEP [--url URL] [--party PARTY] [--home HOME] [--limit-w W]
 *
 * A gateway that wants a token is told the one in MICROMARKET_TOKEN.
 */
/* global fetch */
import { parseArgs } from "node:util";
import { openSession } from "./market-socket.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: "string", default: process.env.MICROMARKET_URL ?? "http://127.0.0.1:8080" },
    party: { type: "string", default: "feeder-bot" },
    home: { type: "string", default: "home-1" },
    "limit-w": { type: "string", default: "4200" },
  },
});
const { url, party, home } = values;
const QUANTITY_WH = 500;
const GATE_SOON_MS = 60_000;
const GATE_PATIENCE_MS = 3_600_000;

const say = (text) => process.stdout.write(`${text}\n`);
const kwh = (wattHours) => `${wattHours / 1_000} kWh`;
const price = (micro) => (micro === null ? "no price" : `${micro / 1_000_000} per kWh`);

async function http(method, path, body) {
  const token = process.env.MICROMARKET_TOKEN;
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${answer.code}: ${answer.detail}`);
  return answer;
}

/** A session is opened by a ticket: it needs the token in a header of HTTP alone. */
async function withSession(work) {
  const { ticket } = await http("POST", "/ws-ticket", {});
  const session = await openSession(url, ticket);
  try {
    return await work(session);
  } finally {
    session.close();
  }
}

async function register() {
  await withSession(async ({ hello, ask }) => {
    const { state } = await ask("EiCreatePartyRegistration", {
      requestId: `register-${party}`,
      registreePartyId: party,
    });
    say(`registered: ${party} is ${state} in the market ${hello.market}`);
  });
}

async function look() {
  const { rules, clock, next_gate: gate } = await http("GET", "/market");
  await withSession(async ({ ask, next }) => {
    await ask("subscribe", { ch: "book" });
    const book = await next((frame) => frame.type === "snapshot" && frame.ch === "book");
    for (const { start, indicative } of book.data.slots.slice(0, 8))
      say(`book: ${start} would clear at ${price(indicative.price_micro_per_kwh)}, ${kwh(indicative.energy_wh ?? 0)}`);
    const feeder = rules.residual.party;
    const { positions } = await ask("EiRequestPosition", {
      ...{ requestId: "feeder", requestor: party, positionParty: feeder, resourceDesignator: "ENERGY" },
      boundingInterval: { dtStart: new Date(clock.server_ms - 86_400_000).toISOString(), duration: "P2D" },
    });
    const slots = positions?.streamIntervals ?? [];
    const bought = slots.reduce((sum, { streamIntervalQuantity: quantity }) => sum + quantity, 0);
    say(
      `position: through the feeder (${feeder}) in ${slots.length} slots: ${kwh(bought)}, positive is fed out of the street`,
    );
    say(`next gate: ${gate.gate}, in ${gate.remaining_ms / 60_000} minutes of the market`);
  });
}

/** Sells half a kilowatt-hour in the next slot whose gate is not about to close, for the feed-in price or more. */
async function bid() {
  const { rules, current_slot: slot, next_gate: gate } = await http("GET", "/market");
  const skipped = gate.remaining_ms < GATE_SOON_MS ? rules.slot_length_ms : 0;
  const startMs = gate.slot_ms + skipped;
  const limit = slot.feed_in_micro_per_kwh ?? 0;
  const created = await withSession(({ ask }) =>
    ask("EiCreateTender", {
      ...{ requestId: `bid-${startMs}`, partyId: party },
      tender: [
        {
          ...{
            tenderId: `bid-${startMs}`,
            side: "SELL",
            resourceDesignator: "ENERGY",
            priceScale: -6,
            quantityScale: -3,
          },
          tenderDetail: {
            interval: { dtStart: new Date(startMs).toISOString(), duration: `PT${rules.slot_length_ms / 1_000}S` },
            ...{ price: limit, quantity: QUANTITY_WH },
          },
        },
      ],
    }),
  );
  const { response, marketOrderId, duplicate } = created;
  if (response.responseCode !== 200) throw new Error(`bid: ${response.code}: ${response.responseDescription}`);
  const again = duplicate ? ", as it was before" : "";
  say(
    `bid: ${kwh(QUANTITY_WH)} of ${new Date(startMs).toISOString()} for ${price(limit)} or more: order ${marketOrderId}${again}`,
  );
}

async function limit() {
  const { clock, rules } = await http("GET", "/market");
  const until = clock.server_ms + 2 * rules.slot_length_ms;
  const body = { import_limit_w: Number(values["limit-w"]), valid_until_ms: until };
  const { limits } = await http("POST", `/homes/${encodeURIComponent(home)}/dim`, body);
  const { dimmed } = limits.find((each) => each.home === home);
  say(`limit: controllable devices of ${home} draw at most ${dimmed.import_limit_w} W until ${dimmed.until}`);
}

async function release() {
  await http("DELETE", `/homes/${encodeURIComponent(home)}/dim`);
  say(`released: no limit holds for ${home}`);
}

/** Shows how the price of the slot moves that was bid for, until it is final, and what became of the bid. */
async function watch() {
  const [order] = (await http("GET", `/parties/${encodeURIComponent(party)}/orders?limit=1`)).orders;
  if (order === undefined) throw new Error("there is no bid to watch: bid first");
  await withSession(async ({ ask, next }) => {
    await ask("subscribe", { ch: "prices" });
    say(`watching: ${order.slot}`);
    for (let isFinal = false; !isFinal;) {
      const { data } = await next((frame) => frame.ch === "prices", GATE_PATIENCE_MS);
      for (const each of data.prices.filter(({ slot_ms: start }) => start === order.slot_ms)) {
        say(`price: ${each.slot} ${each.is_final ? "cleared" : "would clear"} at ${price(each.price_micro_per_kwh)}`);
        isFinal ||= each.is_final;
      }
    }
    const {
      state,
      filled_wh: filled,
      price_micro_per_kwh: at,
      amount_nano: amount,
    } = await ask("order.get", {
      ...{ party, client_order_id: order.client_order_id },
    });
    say(`order: ${state}, ${kwh(filled)} at ${price(at)}: ${Number(amount) / 1e9}`);
  });
}

const STEPS = { register, look, bid, limit, watch, release };
const [step = ""] = positionals;
if (!Object.hasOwn(STEPS, step)) throw new Error(`say which step: ${Object.keys(STEPS).join(", ")}`);
await STEPS[step]();
