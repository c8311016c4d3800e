/** The gate before the routes: every kind of principal at every route, and what a refusal must not tell. */
import { describe, expect, test } from "@jest/globals";
import {
  createAccessRegistry,
  DEFAULT_RATES,
  Problem,
  type AdministeredRegistry,
  type ApiOptions,
  type ApiServer,
  type PartyGrant,
  type PrincipalEntry,
  type Scope,
} from "@micromarket/api-http";
import { instantMs } from "@micromarket/kernel";
import { NOON } from "@micromarket/testkit";
import { BearerView, ChallengeView, PassView, PrincipalList, TicketView } from "../../src/access/access-schema.ts";
import { ask, expectShape, serve, type Answer } from "../asking.ts";
import { MemoryDesk } from "../memory-desk.ts";
import { openStream } from "../stream-reader.ts";
import { tradedStreet } from "../street.ts";
import { answerOf, edwardsHolder, secpHolder, type KeyHolder } from "./signers.ts";

const TOKEN = "the-operators-own-token";
const ORIGIN = "https://market.example";
const grant = (party: string, ...scopes: readonly Scope[]): PartyGrant => ({ party, scopes: new Set(scopes) });

const GRANTS = {
  nobody: [],
  anne: [grant("anne", "read", "trade")],
  auditor: [grant("*", "read")],
  "grid-operator": [grant("home-1", "admin")],
  deputy: [grant("*", "admin")],
} as const satisfies Readonly<Record<string, readonly PartyGrant[]>>;
type Who = keyof typeof GRANTS;

const HOLDERS = Object.fromEntries(Object.keys(GRANTS).map((id) => [id, secpHolder(id)])) as Record<Who, KeyHolder>;

function entryOf(id: Who, rates: PrincipalEntry["principal"]["limits"]["rates"] = DEFAULT_RATES): PrincipalEntry {
  const principal = { id, grants: GRANTS[id], limits: { sessionsMax: 4, rates } };
  return { principal, certificates: [], keys: [HOLDERS[id].did], tokens: [] };
}

interface Site {
  readonly server: ApiServer;
  readonly registry: AdministeredRegistry;
  readonly desk: MemoryDesk;
  /** Lets time pass for access. */
  readonly pass: (ms: number) => void;
}

async function open(principals?: readonly PrincipalEntry[], more: Partial<ApiOptions> = {}): Promise<Site> {
  let now = Date.now();
  const registry = createAccessRegistry({
    server: "street-1",
    principals: principals ?? (Object.keys(GRANTS) as Who[]).map((id) => entryOf(id)),
    ...{ issuers: [], operatorToken: TOKEN, allowsOrigin: () => true },
    now: () => instantMs(now),
  });
  const desk = new MemoryDesk();
  const server = await serve(tradedStreet(), {
    ...{ registry, controls: desk, access: { token: TOKEN, allowedOrigins: [ORIGIN] }, ...more },
  });
  return { server, registry, desk, pass: (ms) => (now += ms) };
}

function post(
  server: ApiServer,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  method = "POST",
): Promise<Answer> {
  const text = JSON.stringify(body);
  const length = { "content-length": String(Buffer.byteLength(text)), "content-type": "application/json" };
  return ask(server, `/api/v1${path}`, { ...length, ...headers }, { method, body: text });
}

/** The header of a principal that has answered a challenge. */
async function headerOf(server: ApiServer, holder: KeyHolder): Promise<{ readonly authorization: string }> {
  const challenge = JSON.parse((await post(server, "/auth/challenge", {})).text) as ChallengeView;
  expectShape(ChallengeView, challenge);
  const { purpose, server: name, nonce, at_ms: at, expires_ms: expires } = challenge;
  const asked = { purpose, server: name, nonce, at: instantMs(at), expires: instantMs(expires) };
  const answer = answerOf(holder, asked as Parameters<typeof answerOf>[1]);
  const told = JSON.parse((await post(server, "/auth/answer", answer)).text) as BearerView;
  expectShape(BearerView, told);
  return { authorization: `Bearer ${told.token}` };
}

/** What each route answers to nobody / anne / auditor / grid-operator / deputy / operator. */
const F = "FORBIDDEN";
const U = "PARTY_UNKNOWN";
const H = "HOME_UNKNOWN";
const DIM = { import_limit_w: 4_200, valid_until_ms: NOON + 3_600_000 };
const ROUTES: readonly (readonly [route: string, ...answers: readonly (number | string)[]])[] = [
  ["GET /market", 200, 200, 200, 200, 200, 200],
  ["GET /slots", 200, 200, 200, 200, 200, 200],
  ["GET /auth/me", 200, 200, 200, 200, 200, 200],
  ["GET /slots/2026-07-01T12:00Z", F, F, 200, F, F, 200],
  ["GET /slots/2026-07-01T12:00Z/book", F, F, 200, F, F, 200],
  ["GET /devices", F, F, 200, F, F, 200],
  ["GET /controls", F, F, 200, F, F, 200],
  ["GET /metrics", F, F, 200, F, F, 200],
  ["GET /parties", 200, 200, 200, 200, 200, 200],
  ["GET /parties/anne/position", U, 200, 200, U, F, 200],
  ["GET /parties/anne/statement", U, 200, 200, U, F, 200],
  ["GET /parties/anne/statement.csv", U, 200, 200, U, F, 200],
  ["GET /parties/bert/position", U, U, 200, U, F, 200],
  ["GET /parties/bert/statement", U, U, 200, U, F, 200],
  ["GET /parties/bert/statement.csv", U, U, 200, U, F, 200],
  ["GET /parties/ghost/position", U, U, U, U, F, U],
  ["GET /nothing", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"],
  ["POST /homes/home-1/dim", H, H, F, 200, 200, 200],
  ["POST /homes/home-2/dim", H, H, F, H, 200, 200],
  ["POST /homes/home-9/dim", H, H, F, H, H, H],
  ["POST /controls/stop", F, F, F, F, 200, 200],
  ["POST /controls/reset", F, F, F, F, 200, "NOT_STOPPED"],
  ["POST /controls/home-9/release", F, F, F, F, "DEVICE_UNKNOWN", "DEVICE_UNKNOWN"],
  ["POST /devices/meter-1/read", F, F, F, F, "READING_ABSENT", "READING_ABSENT"],
  ["POST /market", ...Array<string>(6).fill("METHOD_NOT_ALLOWED")],
  ["GET /principals", F, F, F, F, 200, 200],
  ["POST /principals/nobody/restore", F, F, F, F, "NOT_REVOKED", "NOT_REVOKED"],
  ["POST /principals/ghost/revoke", F, F, F, F, "PRINCIPAL_UNKNOWN", "PRINCIPAL_UNKNOWN"],
  ["POST /ws-ticket", 200, 200, 200, 200, 200, 200],
];

test("what each principal may do at each route", async () => {
  const { server } = await open();
  const headers = [
    ...(await Promise.all(Object.values(HOLDERS).map((holder) => headerOf(server, holder)))),
    { authorization: `Bearer ${TOKEN}` },
  ];
  for (const [route, ...expected] of ROUTES) {
    const [method = "", path = ""] = route.split(" ");
    const answers = [];
    for (const header of headers) {
      const asked =
        method === "GET"
          ? ask(server, `/api/v1${path}`, header)
          : post(server, path, path.endsWith("/dim") ? DIM : {}, header);
      const { status, text } = await asked;
      answers.push(status === 200 ? 200 : (JSON.parse(text) as { code: string }).code);
    }
    expect([route, ...answers]).toEqual([route, ...expected]);
    const { status, text } = await (method === "GET" ? ask(server, `/api/v1${path}`) : post(server, path, {}));
    expect([route, status, (JSON.parse(text) as { code: string }).code]).toEqual([route, 401, "AUTH_REQUIRED"]);
  }
});

describe("what a refusal does not tell", () => {
  test("whether a party or a home is there: status, headers and body are the same", async () => {
    const { server } = await open();
    const header = await headerOf(server, HOLDERS.anne);
    const told = async (path: string): Promise<unknown> => {
      const { status, headers, text } = await ask(server, `/api/v1${path}`, header);
      return { status, headers: { ...headers, date: "", ratelimit: "" }, text };
    };
    for (const rest of ["position", "statement", "statement.csv", "position?limit=0", "position?from=never"]) {
      expect(await told(`/parties/bert/${rest}`)).toEqual(await told(`/parties/ghost/${rest}`));
    }
    const dim = async (home: string, body: unknown, method: string): Promise<string> => {
      const { status, text } = await post(server, `/homes/${home}/dim`, body, header, method);
      return `${status} ${text.replaceAll(home, "home")}`;
    };
    for (const method of ["POST", "DELETE"]) {
      for (const body of [DIM, {}, { import_limit_w: -1 }]) {
        expect(await dim("home-1", body, method)).toBe(await dim("home-9", body, method));
      }
    }
  });

  test("who else is there: the list holds what may be read", async () => {
    const { server } = await open();
    const partiesOf = async (header: Readonly<Record<string, string>>): Promise<readonly string[]> => {
      const list = JSON.parse((await ask(server, "/api/v1/parties", header)).text) as { parties: { party: string }[] };
      return list.parties.map(({ party }) => party);
    };
    expect(await partiesOf(await headerOf(server, HOLDERS.nobody))).toEqual([]);
    expect(await partiesOf(await headerOf(server, HOLDERS.anne))).toEqual(["anne"]);
    expect(await partiesOf(await headerOf(server, HOLDERS.auditor))).toEqual(
      await partiesOf({ authorization: `Bearer ${TOKEN}` }),
    );
  });
});

describe("rates", () => {
  const rates = { ...DEFAULT_RATES, queries: { burst: 3, perSecond: 2 }, orders: { burst: 1, perSecond: 1 } };

  test("stand in every answer, and what is too much is 429 until Retry-After", async () => {
    const { server, pass } = await open([entryOf("anne", rates)]);
    const header = await headerOf(server, HOLDERS.anne);
    const told = async (): Promise<readonly unknown[]> => {
      const { status, headers } = await ask(server, "/api/v1/market", header);
      return [status, headers["ratelimit-policy"], headers["ratelimit"], headers["retry-after"]];
    };
    const policy = '"queries";q=3;w=2';
    expect(await told()).toEqual([200, policy, '"queries";r=2;t=1', undefined]);
    expect(await told()).toEqual([200, policy, '"queries";r=1;t=1', undefined]);
    expect(await told()).toEqual([200, policy, '"queries";r=0;t=2', undefined]);
    expect(await told()).toEqual([429, policy, '"queries";r=0;t=2', "1"]);
    pass(500);
    expect(await told()).toEqual([200, policy, '"queries";r=0;t=2', undefined]);
    const { text } = await ask(server, "/api/v1/market", header);
    expectShape(Problem, JSON.parse(text));
    expect(JSON.parse(text)).toMatchObject({ code: "RATE_LIMITED" });
  });

  test("do not stand in the way of a stop, nor count the operator", async () => {
    const { server, desk } = await open([entryOf("deputy", rates)]);
    const header = await headerOf(server, HOLDERS.deputy);
    const statuses = [];
    for (let count = 0; count < 3; count++)
      statuses.push((await post(server, "/homes/home-1/dim", DIM, header)).status);
    expect(statuses).toEqual([200, 429, 429]);
    for (let count = 0; count < 3; count++) expect((await post(server, "/controls/stop", {}, header)).status).toBe(200);
    expect(desk.asked.filter((each) => each.startsWith("stop"))).toHaveLength(3);
    for (let count = 0; count < 5; count++) {
      const { status, headers } = await ask(server, "/api/v1/market", { authorization: `Bearer ${TOKEN}` });
      expect([status, headers["ratelimit"]]).toEqual([200, undefined]);
    }
  });
});

describe("signing in", () => {
  test("an answer is taken once, and wrong ones say nothing more than that", async () => {
    const { server } = await open();
    const challenge = JSON.parse((await post(server, "/auth/challenge", {})).text) as ChallengeView;
    const asked = { ...challenge, at: instantMs(challenge.at_ms), expires: instantMs(challenge.expires_ms) };
    const signed = (holder: KeyHolder) => answerOf(holder, asked as Parameters<typeof answerOf>[1]);
    const good = signed(HOLDERS.anne);
    const answers = [];
    for (const answer of [signed(edwardsHolder()), { ...good, signature: "00".repeat(64) }, good, good]) {
      const { status, text } = await post(server, "/auth/answer", answer);
      answers.push(status === 200 ? text.replace(/"token":"mmb_[\w-]{43}"/, "").length > 0 : text);
    }
    const [stranger, wrong, taken, replayed] = answers;
    expect([taken, stranger, replayed]).toEqual([true, wrong, wrong]);
    expect(JSON.parse(String(wrong))).toMatchObject({ status: 401, code: "AUTH_FAILED" });
  });

  test.each<[string, unknown]>([
    ["nothing", {}],
    ["a number for a key", { key: 1, nonce: "a", signature: "00".repeat(64) }],
    ["a signature in upper case", { key: "k", nonce: "a", signature: "AA".repeat(64) }],
    ["something more", { key: "k", nonce: "a", signature: "00".repeat(64), more: 1 }],
  ])("%s is malformed", async (_, body) => {
    const { server } = await open();
    const { status, text } = await post(server, "/auth/answer", body);
    expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([400, "REQUEST_MALFORMED"]);
  });

  test("says who one is, and until when", async () => {
    const { server } = await open();
    const me = JSON.parse(
      (await ask(server, "/api/v1/auth/me", await headerOf(server, HOLDERS.anne))).text,
    ) as PassView;
    expectShape(PassView, me);
    expect(me).toMatchObject({
      ...{ principal: "anne", method: "key", sessions_max: 4, grants: [{ party: "anne", scopes: ["read", "trade"] }] },
      rates: { cancels: { burst: 200, per_second: 50 } },
    });
    const operator = await ask(server, "/api/v1/auth/me", { authorization: `Bearer ${TOKEN}` });
    expect(JSON.parse(operator.text)).toMatchObject({ principal: "operator", rates: null, expires: null });
  });

  test("a page gets a ticket, which comes in no address and is bound to its origin", async () => {
    const { server, registry } = await open();
    const header = { ...(await headerOf(server, HOLDERS.anne)), origin: ORIGIN };
    const told = JSON.parse((await post(server, "/ws-ticket", {}, header)).text) as TicketView;
    expectShape(TicketView, told);
    const redeem = async (origin: string): Promise<unknown> => {
      const known = await registry.authenticate({ kind: "ticket", ticket: told.ticket, origin }, "");
      return known.ok ? known.value.principal.id : known.error.reason;
    };
    expect(await redeem(ORIGIN)).toBe("anne");
    expect(await redeem(ORIGIN)).toBe("TICKET_UNKNOWN");
    expect((await ask(server, `/api/v1/market?ticket=${told.ticket}`)).status).toBe(401);
    const foreign = await post(server, "/ws-ticket", {}, { ...header, origin: "https://evil.example" });
    expect([foreign.status, (JSON.parse(foreign.text) as { code: string }).code]).toEqual([403, "ORIGIN_FORBIDDEN"]);
  });

  test("a bearer in the address is none", async () => {
    const { server } = await open();
    const { authorization } = await headerOf(server, HOLDERS.anne);
    for (const name of ["token", "access_token", "bearer"]) {
      const { status } = await ask(server, `/api/v1/market?${name}=${authorization.slice("Bearer ".length)}`);
      expect(status).toBe(401);
    }
  });
});

describe("the operator", () => {
  const operator = { authorization: `Bearer ${TOKEN}` };

  test("revokes a principal: its bearers and its stream end at once", async () => {
    const { server } = await open();
    const header = await headerOf(server, HOLDERS.auditor);
    const other = await headerOf(server, HOLDERS.anne);
    const stream = await openStream(server, header);
    await stream.events(1);
    const revoked = await post(server, "/principals/auditor/revoke", { by: "Ann" }, operator);
    const list = JSON.parse(revoked.text) as PrincipalList;
    expectShape(PrincipalList, list);
    const by = Object.fromEntries(list.principals.map(({ id, revoked: how }) => [id, how?.by ?? null]));
    expect(by).toEqual({ nobody: null, anne: null, auditor: "operator: Ann", "grid-operator": null, deputy: null });
    await stream.ended;
    expect((await ask(server, "/api/v1/market", header)).status).toBe(401);
    expect((await ask(server, "/api/v1/market", other)).status).toBe(200);
    expect((await post(server, "/principals/auditor/restore", {}, operator)).status).toBe(200);
    expect((await ask(server, "/api/v1/market", header)).status).toBe(401); // what it had stays worthless
    expect((await ask(server, "/api/v1/market", await headerOf(server, HOLDERS.auditor))).status).toBe(200);
  });

  test("is nobody on loopback once there are principals", async () => {
    const registry = createAccessRegistry({
      ...{ server: "street-1", principals: [entryOf("anne")], issuers: [], operatorToken: null },
      ...{ allowsOrigin: () => true, now: () => instantMs(Date.now()) },
    });
    const server = await serve(tradedStreet(), { registry });
    const { status, text } = await ask(server, "/api/v1/market");
    expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([401, "AUTH_REQUIRED"]);
    expect((await ask(server, "/api/v1/market", await headerOf(server, HOLDERS.anne))).status).toBe(200);
  });
});
