import { expect, test } from "@jest/globals";
import { Ajv } from "ajv";
import { Problem, SERVER_MESSAGES, type ClientExample, type ServerType } from "@micromarket/protocol";
import type { Operation } from "../src/documents/operation.ts";
import { OPERATIONS } from "../src/documents/operations.ts";
import { WireProblem } from "../src/socket/trading-schema.ts";
import { ask, type Answer } from "./asking.ts";
import { documentedStreet, trade, type DocumentedStreet } from "./documented-street.ts";

const ajv = new Ajv({ strict: false, allErrors: true });

function faults(schema: object, value: unknown): unknown[] {
  const validate = ajv.compile(schema);
  validate(value);
  return validate.errors ?? [];
}

test("every example fits the schemas of its route", () => {
  for (const { id, body, answer, example } of OPERATIONS) {
    expect([id, body === undefined ? [] : faults(body, example.body)]).toEqual([id, []]);
    expect([
      id,
      answer.schema === undefined || answer.type !== undefined ? [] : faults(answer.schema, example.answer),
    ]).toEqual([id, []]);
  }
});

test("the messages of CTS, said over HTTP, are answered as on the socket, and what needs a socket is refused", async () => {
  const wrong: unknown[] = [];
  await trade(await documentedStreet(), (example, { status, text }) => {
    const answer: unknown = JSON.parse(text);
    const schema = status === 400 ? WireProblem : SERVER_MESSAGES[example.answer as ServerType].properties.data;
    if (status !== statusOf(example) || faults(schema, answer).length > 0) wrong.push({ example, status, answer });
  });
  expect(wrong).toEqual([]);
});

/** Updates are told on a socket alone; a quote is not actionable. */
function statusOf({ type, data }: ClientExample): number {
  if (type === "EiAcceptQuote") return 409;
  return "subscriptionActionRequested" in data && data.subscriptionActionRequested !== "SNAPSHOT" ? 400 : 200;
}

/** What is not answered by one JSON body, or only to who holds a key that no document can hold. */
const APART: Readonly<Record<string, (street: DocumentedStreet, operation: Operation) => Promise<void>>> = {
  openSocket: async ({ server }, { example }) => expect((await ask(server, example.ask)).status).toBe(426),
  answerChallenge: async ({ tell }, { example }) => {
    const { status, text } = await tell("POST", example.ask, example.body);
    expect([status, faults(Problem, JSON.parse(text))]).toEqual([401, []]);
  },
  streamEvents: async ({ server }, { answer, example }) => {
    const stopping = new AbortController();
    const headers = { authorization: "Bearer the-token-of-the-operator" };
    const stream = await fetch(`${server.url}${example.ask}`, { headers, signal: stopping.signal });
    expect(stream.headers.get("content-type")).toContain(answer.type);
    stopping.abort();
  },
};

function expectAnswer(
  { id, answer: { type = "application/json", schema } }: Operation,
  { status, headers, text }: Answer,
): void {
  expect([id, status, String(headers["content-type"])]).toEqual([id, 200, expect.stringContaining(type)]);
  if (type === "application/json" && schema !== undefined)
    expect([id, faults(schema, JSON.parse(text))]).toEqual([id, []]);
}

test("every other route, asked as its example says, answers as documented", async () => {
  const street = await documentedStreet();
  await trade(street, () => undefined);
  for (const operation of OPERATIONS.filter(({ tag }) => tag !== "trading")) {
    const { id, method, example } = operation;
    const apart = APART[id];
    if (apart === undefined)
      expectAnswer(operation, await street.tell(method.toUpperCase(), example.ask, example.body));
    else await apart(street, operation);
  }
});

test("the documents are open, have an ETag, and are not sent twice to whoever has them", async () => {
  const { server } = await documentedStreet();
  for (const path of ["/api/v1/openapi.json", "/api/v1/asyncapi.json", "/api/v1/docs", "/api/v1/docs.css"]) {
    const first = await ask(server, path);
    expect([path, first.status]).toEqual([path, 200]);
    const etag = String(first.headers["etag"]);
    const again = await ask(server, path, { "if-none-match": etag });
    expect([path, again.status, again.text]).toEqual([path, 304, ""]);
  }
});
