/** A million random requests: the ledger answers and holds what its most obvious form does. */
import { describe, expect, test } from "@jest/globals";
import { canonicalText, instantMs, randomStream, type RandomStream } from "@micromarket/kernel";
import {
  availableOf,
  decodeLedger,
  execute,
  ledgerRecord,
  newLedger,
  openAccount,
  violatedLedgerInvariants,
  type AccountLimits,
  type Ledger,
  type TransferRequest,
} from "@micromarket/ledger";
import { OracleLedger } from "./oracle-ledger.ts";

const EPISODES = 40_000;
const BATCHES = 10;
const LIMITS: ReadonlyMap<string, Readonly<AccountLimits>> = new Map([
  ["outside", { floor: null, ceiling: null }],
  ["prepaid", { floor: 0n, ceiling: null }],
  ["credit", { floor: -6n, ceiling: null }],
  ["mutual", { floor: -4n, ceiling: 4n }],
]);
const ACCOUNTS = ["outside", "outside", "prepaid", "credit", "mutual", "prepaid", "credit", "mutual", "nobody"];

interface Batch {
  readonly requests: readonly TransferRequest[];
  readonly at: number;
}

function street(): Ledger {
  const ledger = newLedger();
  for (const [account, limits] of LIMITS) openAccount(ledger, "money", account, limits);
  return ledger;
}

function pick<Item>(stream: RandomStream, items: readonly [Item, ...Item[]]): Item {
  return items[stream.below(items.length)] ?? items[0];
}

/** Mostly something new that refers to something before; now and then the same again. */
function randomRequest(stream: RandomStream, at: number, earlier: readonly TransferRequest[]): TransferRequest {
  const again = stream.below(10) === 0 ? earlier[stream.below(earlier.length + 1)] : undefined;
  if (again !== undefined) return again;
  const id = `t${stream.below(40)}`;
  const holds = earlier.filter(({ kind }) => kind === "hold");
  const hold = holds[stream.below(2 * holds.length + 1)]?.id ?? `t${stream.below(40)}`;
  const linked = stream.below(4) === 0;
  const common = linked ? { id, linked } : { id };
  const transfer = {
    ledger: "money",
    debit: ACCOUNTS[stream.below(ACCOUNTS.length)] ?? "nobody",
    credit: ACCOUNTS[stream.below(ACCOUNTS.length)] ?? "nobody",
    amount: BigInt(stream.between(stream.below(8) === 0 ? -1 : 1, 5)),
    reason: "trade",
  } as const;
  switch (pick(stream, ["post", "hold", "hold", "post-hold", "post-hold", "reduce-hold", "void-hold"])) {
    case "post":
      return { kind: "post", ...common, ...transfer };
    case "hold": {
      const expires = stream.below(3) === 0 ? null : instantMs(at + stream.below(6));
      return { kind: "hold", ...common, ...transfer, expires };
    }
    case "post-hold":
      return {
        kind: "post-hold",
        ...common,
        hold,
        amount: stream.below(3) === 0 ? null : BigInt(stream.between(-1, 5)),
      };
    case "reduce-hold":
      return { kind: "reduce-hold", ...common, hold, amount: BigInt(stream.between(0, 3)) };
    default:
      return { kind: "void-hold", ...common, hold };
  }
}

function randomBatches(stream: RandomStream): readonly Batch[] {
  let at = 1;
  const earlier: TransferRequest[] = [];
  return Array.from({ length: BATCHES }, () => {
    at += stream.below(3);
    const requests = Array.from({ length: stream.between(1, 5) }, () => {
      const request = randomRequest(stream, at, earlier);
      earlier.push(request);
      return request;
    });
    return { requests, at };
  });
}

function run(ledger: Ledger, { requests, at }: Batch): readonly string[] {
  return execute(ledger, requests, instantMs(at)).results.map((result) => (result.ok ? "ok" : result.error.code));
}

const text = (ledger: Ledger): string => canonicalText(ledgerRecord(ledger));

/** One history; how often each answer was given. */
function play(episode: number, counts: Map<string, number>): void {
  const batches = randomBatches(randomStream(episode, "requests"));
  const [ledger, oracle] = [street(), new OracleLedger(LIMITS)];
  for (const batch of batches) {
    const codes = run(ledger, batch);
    for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
    if (codes.join() !== oracle.execute(batch.requests, batch.at).join())
      expect([episode, codes]).toBe("as the oracle");
    const violations = violatedLedgerInvariants(ledger);
    if (violations.length > 0) expect([episode, violations]).toBe("none");
  }
  for (const [account, { floor }] of LIMITS) {
    const { balance, debitsHeld, creditsHeld } = ledger.money.get(account) ?? {};
    expect({ balance, debitsHeld, creditsHeld }).toEqual(oracle.account(account));
    if (floor !== null) expect(availableOf(ledger, "money", account)).toBeGreaterThanOrEqual(0n);
  }
  if (episode % 20 === 0) checkReplay(ledger, batches);
}

/** The same history gives the same text, whether from its start or from a snapshot; asked again, nothing is done twice. */
function checkReplay(ledger: Ledger, batches: readonly Batch[]): void {
  const replayed = street();
  for (const batch of batches) run(replayed, batch);
  expect(text(replayed)).toBe(text(ledger));
  const resumed = street();
  for (const batch of batches.slice(0, BATCHES / 2)) run(resumed, batch);
  const restored = decodeLedger(JSON.parse(text(resumed)), "ledger");
  if (!restored.ok) throw new Error(JSON.stringify(restored.error));
  for (const batch of batches.slice(BATCHES / 2)) run(restored.value, batch);
  expect(text(restored.value)).toBe(text(ledger));
  const at = batches.at(-1)?.at ?? 0;
  for (const { request } of [...ledger.known.values()]) {
    const follower = { kind: "void-hold", id: "after", hold: "none" } as const;
    const codes = run(ledger, { requests: request.linked === true ? [request, follower] : [request], at });
    expect(codes[0]).toBe("EXISTS");
  }
  expect(text(ledger)).toBe(text(replayed));
}

describe("a ledger under random requests", () => {
  test(`${EPISODES} histories agree with the oracle`, () => {
    const counts = new Map<string, number>();
    for (let episode = 0; episode < EPISODES; episode++) play(episode, counts);
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThan(1_000_000);
    const codes = [
      "EXISTS",
      "EXISTS_DIFFERENT",
      "LINKED_FAILED",
      "CHAIN_OPEN",
      "FUNDS_INSUFFICIENT",
      "CEILING_EXCEEDED",
    ];
    const ends = ["HOLD_UNKNOWN", "HOLD_IS_NONE", "HOLD_POSTED", "HOLD_VOIDED", "HOLD_EXPIRED", "AMOUNT_EXCEEDS_HOLD"];
    const rare = ["ok", ...codes, ...ends].filter((code) => (counts.get(code) ?? 0) < 500);
    expect(rare).toEqual([]);
  });
});
