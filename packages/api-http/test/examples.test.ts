import { afterEach, expect, test } from "@jest/globals";
import { Ajv } from "ajv";
import { NOON } from "@micromarket/testkit";
import { CHANNEL_MESSAGES, CLIENT_EXAMPLES, SERVER_MESSAGES, type ClientExample } from "@micromarket/protocol";
import { ask, serve } from "./asking.ts";
import { closeSockets, SocketClient, type Heard } from "./socket-client.ts";
import { tradingStreet } from "./trading-street.ts";

afterEach(closeSockets);

const ajv = new Ajv({ strict: false, allErrors: true });

function expectDocumented(frame: Heard): void {
  const schema = SERVER_MESSAGES[frame.type as keyof typeof SERVER_MESSAGES];
  const validate = ajv.compile(schema);
  validate(frame);
  expect([frame.type, validate.errors ?? []]).toEqual([frame.type, []]);
}

/** Sends the example; a question about a channel that has no answer of its own is answered in the channel. */
async function say(client: SocketClient, { type, data, answer }: ClientExample): Promise<Heard | null> {
  if (answer !== null && !Object.hasOwn(CHANNEL_MESSAGES, answer)) return client.ask(type, data);
  client.send(type, data);
  if (answer === null) return null;
  const { ch } = data as { readonly ch: string };
  return client.next(answer, (frame) => frame.ch === ch);
}

function expectedOf({ answer, own }: ClientExample): { readonly type: string | null; readonly code?: string } {
  return own === undefined ? { type: answer } : { type: "error", code: own };
}

test("every example of a client, sent in order, has the answer that is documented for it", async () => {
  const street = tradingStreet();
  const server = await serve(street, { trading: { desk: street.desk } });
  const client = new SocketClient(server);
  const heard = [await client.next("hello")];
  const wrong: unknown[] = [];
  let isClosed = false;
  for (const example of CLIENT_EXAMPLES) {
    if (example.after === "gate" && !isClosed) {
      street.closeGateOf(NOON);
      isClosed = true;
    }
    const answer = await say(client, example);
    const { type, code } = expectedOf(example);
    const found = answer === null ? null : answer.type;
    if (found !== type || (code !== undefined && answer?.data.code !== code))
      wrong.push({ said: `${example.type}: ${example.title}`, expected: type, code, answer });
    if (answer !== null) heard.push(answer);
  }
  expect(wrong).toEqual([]);
  heard.push(await client.next("EiTicker"), ...client.heard);
  for (const frame of heard) expectDocumented(frame);
  expect(heard.map(({ type }) => type)).toEqual(
    expect.arrayContaining(["hello", "snapshot", "delta", "order.update", "transaction", "bill"]),
  );
});

test("a ticket as documented lets its holder in, once", async () => {
  const street = tradingStreet();
  const server = await serve(street, { trading: { desk: street.desk } });
  const headers = { "content-type": "application/json", "content-length": "2" };
  const { text } = await ask(server, "/api/v1/ws-ticket", headers, { method: "POST", body: "{}" });
  const { ticket } = JSON.parse(text) as { readonly ticket: string };
  const said = { method: "ticket", ticket };
  const [first, second] = [new SocketClient(server), new SocketClient(server)];
  await Promise.all([first.next("hello"), second.next("hello")]);
  expect((await first.ask("auth", said)).type).toBe("authenticated");
  expect((await second.ask("auth", said)).data.code).toBe("AUTH_FAILED");
});
