/**
 * What one party's principal learns of another: what anybody learns of a party that there is not. Said of every message that a
 * client may send and of every route, so that a new one without a place here fails.
 */
import { afterEach, describe, expect, test } from "@jest/globals";
import {
  createAccessRegistry,
  DEFAULT_RATES,
  type AdministeredRegistry,
  type ApiServer,
  type TradingDesk,
} from "@micromarket/api-http";
import { instantMs, slotAfter, slotAt } from "@micromarket/kernel";
import { CLIENT_EXAMPLES, CLIENT_MESSAGES, encodeBatch } from "@micromarket/protocol";
import { NOON, reportDelivery, submitTender, tender } from "@micromarket/testkit";
import { OPERATIONS } from "../../src/documents/operations.ts";
import type { Operation } from "../../src/documents/operation.ts";
import { ask, serve, type Answer } from "../asking.ts";
import { MemoryDesk } from "../memory-desk.ts";
import { closeSockets, SocketClient, type Heard } from "../socket-client.ts";
import { tradingStreet, type TradingStreet } from "../trading-street.ts";
import { answerOf, secpHolder } from "./signers.ts";

afterEach(closeSockets);

const TOKEN = "the-operators-own-token";
const SPY = secpHolder("the spy");
/** Whose affairs are none of the spy's, somebody whom the market has never heard of, and the spy's own party. */
const [OTHER, NOBODY] = ["anne", "annx"];
/** Things of Anne's that must be in no answer. */
const CANARIES = ["canary-tender", "7817"];

/** Messages that are about no party: what they say, everybody is told. */
const OF_NO_PARTY: ReadonlySet<string> = new Set([
  ...["auth", "auth.challenge", "time", "test", "test.answer", "session.configure", "session.state"],
]);

/** What the examples do not say about a party and could. */
const MORE: readonly Said[] = [
  { type: "unsubscribe", title: "what one does not hear", data: { ch: "orders/anne" } },
  { type: "resync", title: "what one does not hear", data: { ch: "orders/anne" } },
  {
    type: "EiRequestPartyRegistration",
    title: "whether somebody takes part",
    data: { requestId: "g-9", registreePartyId: "anne" },
  },
];

/** What is answered where it is not NOT_FOUND; 200: everybody is told the same, whoever the message says that it is for. */
const ANSWERED: Readonly<Record<string, string | number>> = {
  EiManageMarketReferenceData: 200,
  EiManageSegmentReferenceData: 200,
  EiManageSessionData: 200,
  EiManageInstrumentData: 200,
  EiManageTickerSubscription: 200,
  unsubscribe: "NOT_SUBSCRIBED",
  resync: "NOT_SUBSCRIBED",
  EiCreatePartyRegistration: "FORBIDDEN",
};

interface Said {
  readonly type: string;
  readonly title: string;
  readonly data: unknown;
}

interface Site {
  readonly street: TradingStreet;
  readonly server: ApiServer;
}

function registry(): AdministeredRegistry {
  const grants = [{ party: "bert", scopes: new Set(["read", "trade", "admin"] as const) }];
  const principal = { id: "spy", grants, limits: { sessionsMax: 4, rates: { ...DEFAULT_RATES, ...WIDE } } };
  return createAccessRegistry({
    ...{ server: "street", issuers: [], operatorToken: TOKEN, allowsOrigin: () => true },
    principals: [{ principal, certificates: [], keys: [SPY.did], tokens: [] }],
    now: () => instantMs(Date.now()),
  });
}

const ROOM = { burst: 10_000, perSecond: 10_000 };
const WIDE = { orders: ROOM, queries: ROOM, cancels: ROOM };

async function open(): Promise<Site> {
  const street = tradingStreet();
  const canary = tender("canary-tender", OTHER, "buy", [230_000, 7_817]);
  expect(street.obey(submitTender(NOON, canary)).map(({ ok }) => ok)).toEqual([true]);
  street.closeGateOf(NOON);
  street.clock.set(slotAfter(slotAt(NOON, street.rules.slotLength)).startMs);
  street.obey(
    reportDelivery(NOON, OTHER, 7_817, 0),
    reportDelivery(NOON, "bert", 0, 0),
    reportDelivery(NOON, "carl", 0, 0),
    reportDelivery(NOON, street.rules.residual.party, 0, 7_817),
  );
  const desk: TradingDesk = street.desk;
  const server = await serve(street, {
    ...{ trading: { desk }, controls: new MemoryDesk(), registry: registry(), access: { token: TOKEN } },
    indicative: street.indicative,
  });
  return { street, server };
}

async function spyOn({ server }: Site): Promise<SocketClient> {
  const client = new SocketClient(server);
  await client.next("hello");
  const { nonce, at_ms: at, server: name } = (await client.ask("auth.challenge", {})).data;
  const challenge = { purpose: "micromarket/auth/v1", server: String(name), nonce: String(nonce) } as const;
  const times = { at: instantMs(Number(at)), expires: instantMs(Number(at)) };
  const answer = await client.ask("auth", { method: "challenge", ...answerOf(SPY, { ...challenge, ...times }) });
  expect(answer.type).toBe("authenticated");
  return client;
}

/** The example as a question about `party`. */
function about({ data }: Said, party: string): unknown {
  return JSON.parse(JSON.stringify(data).replaceAll(/(?<=["/])(?:anne|bert|carl|dora)(?=")/g, party)) as unknown;
}

const isOfParty = (example: Said): boolean => JSON.stringify(example.data) !== JSON.stringify(about(example, "x"));

const SAID: readonly Said[] = [...CLIENT_EXAMPLES.filter(isOfParty), ...MORE];

/** What the answer says, whoever was asked about: names, times, ids and numbers of the market left out. */
function gist(text: string, party: string): string {
  return text
    .replaceAll(party, "PARTY")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replaceAll(/\d{13}/g, "TIME")
    .replaceAll(/"id":"q\d+"/g, '"id":"ID"');
}

function expectNothingOf(text: string): void {
  for (const canary of CANARIES)
    expect({ canary, text: text.includes(canary) ? text : "" }).toEqual({ canary, text: "" });
}

describe("on the socket", () => {
  test("every message is either of no party, or has an example that names one", () => {
    const named = new Set(SAID.map(({ type }) => type));
    const types = Object.keys(CLIENT_MESSAGES);
    expect(types.filter((type) => !named.has(type) && !OF_NO_PARTY.has(type))).toEqual([]);
    expect([...OF_NO_PARTY].filter((type) => !types.includes(type) || named.has(type))).toEqual([]);
  });

  test("each about somebody else is answered as if there were nobody, and changes nothing", async () => {
    const site = await open();
    const client = await spyOn(site);
    const before = site.street.archive.through;
    let count = 0;
    for (const example of SAID) {
      const answers: Heard[] = [];
      for (const party of [OTHER, NOBODY]) answers.push(await client.ask(example.type, about(example, party)));
      const [told, blank] = answers.map((answer) => JSON.stringify(answer));
      const said = `${example.type}: ${example.title}`;
      expect([said, gist(told ?? "", OTHER)]).toEqual([said, gist(blank ?? "", NOBODY)]);
      expectNothingOf(told ?? "");
      const { type, data } = answers[0] ?? {};
      const code = type === "error" ? data?.code : (data?.["response"] as { responseCode?: number })?.responseCode;
      expect([said, code]).toEqual([said, ANSWERED[example.type] ?? "NOT_FOUND"]);
      count += 1;
    }
    for (const party of [OTHER, NOBODY]) {
      client.socket.send(
        encodeBatch({
          ...{ requestId: "spying", party, slotMs: NOON + 900_000 * 3, said: null },
          ...{ prices: [100_000], energies: [5], sides: ["buy"] },
        }),
      );
      const bytes = await client.until(() => client.bytes.shift(), "the answer to a batch");
      expect(Buffer.from(bytes).toString("latin1")).toContain("NOT_FOUND");
    }
    expect(count).toBeGreaterThan(20);
    expect(site.street.archive.through).toBe(before);
    for (const frame of client.heard) expectNothingOf(JSON.stringify(frame));
  });
});

describe("over HTTP", () => {
  const ofParty = OPERATIONS.filter(({ needs }) => needs.endsWith("of the party") || needs.endsWith("for the party"));

  /** Asks as the spy. */
  async function asSpy({ server }: Site): Promise<(operation: Operation, party: string) => Promise<Answer>> {
    const tell = (path: string, method: string, body: unknown, authorization?: string): Promise<Answer> => {
      const text = body === undefined ? "" : JSON.stringify(body);
      const sent = { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) };
      const headers = {
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : sent),
      };
      return ask(server, path, headers, { method, body: text });
    };
    const challenge = JSON.parse((await tell("/api/v1/auth/challenge", "POST", {})).text) as Record<string, never>;
    const { purpose, server: name, nonce, at_ms: at, expires_ms: expires } = challenge;
    const asked = { purpose, server: name, nonce, at, expires } as unknown as Parameters<typeof answerOf>[1];
    const { token } = JSON.parse((await tell("/api/v1/auth/answer", "POST", answerOf(SPY, asked))).text) as {
      token: string;
    };
    return ({ method, example }, party) => {
      const named = (value: string): string => value.replaceAll(/(?<=["/])(?:anne|bert|carl|dora)(?=["/?]|$)/g, party);
      const body =
        example.body === undefined ? undefined : (JSON.parse(named(JSON.stringify(example.body))) as unknown);
      return tell(named(example.ask), method.toUpperCase(), body, `Bearer ${token}`);
    };
  }

  test("every route that names a party answers of another one as of none", async () => {
    const site = await open();
    const tell = await asSpy(site);
    const before = site.street.archive.through;
    for (const operation of ofParty) {
      const [told, blank] = [await tell(operation, OTHER), await tell(operation, NOBODY)];
      expect([operation.id, told.status, gist(told.text, OTHER)]).toEqual([
        operation.id,
        blank.status,
        gist(blank.text, NOBODY),
      ]);
      expect([operation.id, told.status]).toEqual([operation.id, 404]);
      expectNothingOf(told.text);
    }
    expect(ofParty.length).toBeGreaterThan(5);
    expect(site.street.archive.through).toBe(before);
  });

  test("the other routes tell the spy nothing of anybody's own", async () => {
    const tell = await asSpy(await open());
    for (const operation of OPERATIONS) {
      if (ofParty.includes(operation) || operation.id === "streamEvents" || operation.id === "openSocket") continue;
      expectNothingOf((await tell(operation, OTHER)).text);
    }
  });
});
