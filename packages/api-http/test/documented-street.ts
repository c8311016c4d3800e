/** A street with everything that the documents tell of: homes that trade, devices, controls, principals. */
import { createAccessRegistry, OPERATOR, type AdministeredRegistry, type ApiServer } from "@micromarket/api-http";
import { instantMs, ok, slotAfter, slotAt } from "@micromarket/kernel";
import { NOON, reportDelivery } from "@micromarket/testkit";
import { CLIENT_EXAMPLES, type ClientExample } from "@micromarket/protocol";
import { ask, serve, type Answer } from "./asking.ts";
import { MemoryDesk } from "./memory-desk.ts";
import { tradingStreet, type TradingStreet } from "./trading-street.ts";

/** The operator's. */
export const TOKEN = "the-token-of-the-operator";

const UTILITY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

/** The operator's registry with one principal, that of a utility. */
function registry(): AdministeredRegistry {
  const grants = [{ party: "*", scopes: new Set(["read"] as const) }];
  const principal = { ...OPERATOR, id: "utility", grants, limits: { ...OPERATOR.limits, sessionsMax: 4 } };
  return createAccessRegistry({
    ...{ server: "street.example", issuers: [], operatorToken: TOKEN },
    principals: [{ principal, certificates: [], keys: [UTILITY], tokens: [] }],
    allowsOrigin: () => true,
    now: () => instantMs(Date.now()),
  });
}

export interface DocumentedStreet {
  readonly street: TradingStreet;
  readonly server: ApiServer;
  /** Asks as the operator; a body is sent as JSON. */
  readonly tell: (method: string, path: string, body?: unknown) => Promise<Answer>;
}

/** Serves it. */
export async function documentedStreet(): Promise<DocumentedStreet> {
  const street = tradingStreet();
  const server = await serve(street, {
    trading: { desk: street.desk, limits: { lookMs: 20 } },
    indicative: street.indicative,
    controls: new MemoryDesk(),
    readDevice: () => Promise.resolve(ok(null)),
    registry: registry(),
    access: { token: TOKEN },
  });
  const authorization = `Bearer ${TOKEN}`;
  const tell = (method: string, path: string, body?: unknown): Promise<Answer> => {
    const text = body === undefined ? "" : JSON.stringify(body);
    const sent = { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) };
    return ask(server, path, { authorization, ...(body === undefined ? {} : sent) }, { method, body: text });
  };
  return { street, server, tell };
}

/** Says over HTTP what clients say as long as the gate is open, then lets it close, and the meters be read. */
export async function trade(
  { street, tell }: DocumentedStreet,
  heard: (example: ClientExample, answer: Answer) => void,
): Promise<void> {
  const cts = CLIENT_EXAMPLES.filter(({ type }) => type.startsWith("Ei"));
  const say = async (example: ClientExample): Promise<void> =>
    heard(example, await tell("POST", `/api/v1/cts/${example.type}`, example.data));
  for (const example of cts) if (example.after === undefined) await say(example);
  street.closeGateOf(NOON);
  street.clock.set(slotAfter(slotAt(NOON, street.rules.slotLength)).startMs);
  street.obey(
    reportDelivery(NOON, "anne", 900, 0),
    reportDelivery(NOON, "bert", 500, 0),
    reportDelivery(NOON, "carl", 0, 850),
    reportDelivery(NOON, street.rules.residual.party, 0, 550),
  );
  for (const example of cts) if (example.after === "gate") await say(example);
}
