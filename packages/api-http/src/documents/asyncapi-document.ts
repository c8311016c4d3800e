/** Every message of the socket as AsyncAPI 3.0. A pure function: the same text wherever it is asked for. */
import {
  ADMIN_CHANNEL,
  answersTo,
  CHANNEL_MESSAGES,
  CLIENT_EXAMPLES,
  CLIENT_MESSAGES,
  CLOSE_CODES,
  ERROR_CODES,
  PRIVATE_CHANNELS,
  PRIVATE_MESSAGES,
  PRIVATE_SNAPSHOT,
  PUBLIC_CHANNELS,
  PUBLIC_DATA,
  SERVER_EXAMPLES,
  SERVER_MESSAGES,
  SUBPROTOCOL,
  type ClientType,
  type ServerType,
} from "@micromarket/protocol";
import type { TSchema } from "@sinclair/typebox";
import { SchemaWriter, type JsonSchema } from "./json-schema.ts";
import { CHANNEL_WORDS, CLIENT_WORDS, CLOSE_WORDS, SERVER_WORDS } from "./message-words.ts";
import { NAMED_SCHEMAS } from "./named-schemas.ts";
import { INTERFACE_VERSION } from "./openapi-document.ts";

const ABOUT = [
  `A market node over a WebSocket, sub-protocol \`${SUBPROTOCOL}\`. One JSON object per text frame; \`id\` is the client's and`,
  "comes back in the answer. What a client sends is held to its schema to the last field; what the server sends may gain",
  "fields and types. A channel begins with a snapshot; what follows names the number before it in `prev`. The address of a",
  "channel here is the `ch` of its frames: all go over the one socket.",
].join(" ");

const SESSION = "session";
const BATCH =
  `A binary batch of up to 1 000 limit orders of one party for one slot, little endian: u8 version 1, u8 kind 1, u16 rows,
u32 place in the signed session (0: none), f64 start of the slot in ms, u8 and u8 lengths of the request's id and the party's name, both
as ASCII, 0 to 3 bytes of 0 up to a multiple of 4; rows of f64 price (10^-6 of the currency per kWh, NaN: any) and u32 Wh (bit 31 set:
sell); 32 bytes of the message's authentication code where there is a session.`.replaceAll("\n", " ");
const BATCH_ANSWER =
  `The answer to a binary batch, little endian: u8 version 1, u8 kind 2, u16 rows, u16 status as of HTTP, u16 the first
row that was refused (65535: none, or the whole), f64 number of the journal's entry (0: none), u8 and u8 lengths of the request's id and
of the code, both as ASCII.`.replaceAll("\n", " ");

interface Part {
  readonly key: string;
  readonly message: JsonSchema;
}

/** The document. */
export function asyncApiDocument(): JsonSchema {
  const writer = new SchemaWriter(NAMED_SCHEMAS, "draft-07");
  const asked = (Object.keys(CLIENT_MESSAGES) as ClientType[]).map((type) => clientPart(type, writer));
  const told = (Object.keys(SERVER_MESSAGES) as ServerType[])
    .filter((type) => !isOfChannel(type))
    .map((type) => serverPart(type, writer));
  const channels = channelParts(writer);
  const parts = [...asked, ...told, ...channels.flatMap((channel) => channel.parts)];
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Micromarket over a WebSocket",
      version: INTERFACE_VERSION,
      description: ABOUT,
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    defaultContentType: "application/json",
    servers: {
      gateway: {
        host: "{host}",
        pathname: "/api/v1/ws",
        protocol: "wss",
        description: "The gateway. TLS is needed but on loopback.",
        variables: { host: { default: "localhost:8080", description: "Name and port of the gateway." } },
      },
    },
    channels: {
      [SESSION]: channelOf("/", "What is asked and answered.", [...asked, ...told, ...batchParts()]),
      ...Object.fromEntries(
        channels.map((channel) => [channel.name, channelOf(channel.address, channel.says, channel.parts)]),
      ),
    },
    operations: operationsOf(asked, told, channels),
    components: {
      messages: Object.fromEntries([...parts, ...batchParts()].map(({ key, message }) => [key, message])),
      schemas: writer.components(),
    },
    "x-error-codes": ERROR_CODES,
    "x-close-codes": Object.fromEntries(
      Object.entries(CLOSE_CODES).map(([name, code]) => [code, { name, means: CLOSE_WORDS[code] }]),
    ),
  };
}

function isOfChannel(type: ServerType): boolean {
  return Object.hasOwn(CHANNEL_MESSAGES, type) || Object.hasOwn(PRIVATE_MESSAGES, type);
}

/** Keys of messages are ids of their own: a type that both sides send has two. */
function clientPart(type: ClientType, writer: SchemaWriter): Part {
  const examples = CLIENT_EXAMPLES.filter((example) => example.type === type);
  return {
    key: `client.${type}`,
    message: {
      name: type,
      title: type,
      summary: CLIENT_WORDS[type],
      payload: writer.write(CLIENT_MESSAGES[type]),
      examples: examples.map(({ title, data }, index) => ({
        ...{ name: `${type}-${index + 1}`, summary: title, payload: { type, id: "7", data } },
      })),
    },
  };
}

function serverPart(type: ServerType, writer: SchemaWriter): Part {
  const examples = SERVER_EXAMPLES.filter((example) => example.type === type);
  return {
    key: `server.${type}`,
    message: messageOf(type, SERVER_MESSAGES[type], examples, writer),
  };
}

function messageOf(type: ServerType, schema: TSchema, examples: readonly object[], writer: SchemaWriter): JsonSchema {
  return {
    ...{ name: type, title: type, summary: SERVER_WORDS[type], payload: writer.write(schema) },
    examples: examples.map((payload, index) => ({ name: `${type}-${index + 1}`, payload })),
  };
}

function batchParts(): readonly Part[] {
  const payload = { type: "string", format: "binary" };
  const binary = { contentType: "application/octet-stream", payload };
  return [
    { key: "client.batch", message: { ...{ name: "batch", title: "batch", summary: BATCH }, ...binary } },
    { key: "server.batch", message: { ...{ name: "batch", title: "batch", summary: BATCH_ANSWER }, ...binary } },
  ];
}

interface ChannelParts {
  readonly name: keyof typeof CHANNEL_WORDS;
  readonly address: string;
  readonly says: string;
  readonly parts: readonly Part[];
}

function channelParts(writer: SchemaWriter): readonly ChannelParts[] {
  const of = (name: ChannelParts["name"], type: ServerType, schema: TSchema): Part => {
    const examples = SERVER_EXAMPLES.filter(
      (example) => example.type === type && (example.ch ?? "").split("/")[0] === name,
    );
    return { key: `${name}.${type}`, message: messageOf(type, schema, examples, writer) };
  };
  /** The frame of the channel with this channel's own data. */
  const framed = (frame: TSchema, data: TSchema): TSchema => {
    const properties = frame["properties"] as Readonly<Record<string, TSchema>>;
    return { ...frame, properties: { ...properties, data } };
  };
  const open = PUBLIC_CHANNELS.map((name): ChannelParts => {
    const { snapshot, delta } = PUBLIC_DATA[name];
    const parts = [
      of(name, "snapshot", framed(CHANNEL_MESSAGES.snapshot, snapshot)),
      of(name, "delta", framed(CHANNEL_MESSAGES.delta, delta)),
    ];
    return { name, address: name, says: CHANNEL_WORDS[name], parts };
  });
  const own = PRIVATE_CHANNELS.map((name): ChannelParts => {
    const snapshot = of(name, "snapshot", framed(CHANNEL_MESSAGES.snapshot, PRIVATE_SNAPSHOT[name]));
    const parts = PRIVATE_TYPES[name].map((type) => of(name, type, PRIVATE_MESSAGES[type]));
    const failed = name === "orders" ? [of(name, "channel.error", CHANNEL_MESSAGES["channel.error"])] : [];
    return { name, address: `${name}/{party}`, says: CHANNEL_WORDS[name], parts: [snapshot, ...parts, ...failed] };
  });
  const alarms: ChannelParts = {
    ...{ name: ADMIN_CHANNEL, address: ADMIN_CHANNEL, says: CHANNEL_WORDS[ADMIN_CHANNEL] },
    parts: [of(ADMIN_CHANNEL, "alarm", CHANNEL_MESSAGES.alarm)],
  };
  return [...open, ...own, alarms];
}

const PRIVATE_TYPES = {
  orders: ["order.update", "transaction"],
  positions: ["position"],
  bills: ["bill", "account"],
} as const;

function channelOf(address: string, description: string, parts: readonly Part[]): JsonSchema {
  const messages = parts.map(({ key }) => [key, { $ref: `#/components/messages/${key}` }] as const);
  return {
    ...{ address, description, servers: [{ $ref: "#/servers/gateway" }] },
    ...(address.includes("{party}")
      ? { parameters: { party: { description: "The party.", examples: ["anne"] } } }
      : {}),
    messages: Object.fromEntries(messages),
    ...(address === "/" ? { bindings: { ws: { method: "GET", bindingVersion: "0.1.0" } } } : {}),
  };
}

/** From the gateway's side: what it receives with what it replies, and what it sends of its own accord. */
function operationsOf(asked: readonly Part[], told: readonly Part[], channels: readonly ChannelParts[]): JsonSchema {
  const at = (channel: string, key: string) => ({ $ref: `#/channels/${channel}/messages/${key}` });
  const session = { $ref: `#/channels/${SESSION}` };
  const receives = asked.map(({ key, message }) => {
    const type = message["name"] as ClientType;
    const answers = answersTo(type).filter((answer) => told.some((part) => part.key === `server.${answer}`));
    const messages = [...answers, "error"].map((answer) => at(SESSION, `server.${answer}`));
    const reply = type === "test.answer" ? {} : { reply: { channel: session, messages } };
    return [
      key,
      { action: "receive", channel: session, summary: message["summary"], messages: [at(SESSION, key)], ...reply },
    ] as const;
  });
  const unasked = UNASKED.map(
    (type) =>
      [
        `server.${type}`,
        { action: "send", channel: session, summary: SERVER_WORDS[type], messages: [at(SESSION, `server.${type}`)] },
      ] as const,
  );
  const tells = channels.map(
    ({ name, says, parts }) =>
      [
        `channel.${name}`,
        {
          action: "send",
          channel: { $ref: `#/channels/${name}` },
          summary: says,
          messages: parts.map(({ key }) => at(name, key)),
        },
      ] as const,
  );
  const batch = {
    ...{ action: "receive", channel: session, summary: "Many orders in one binary frame." },
    ...{
      messages: [at(SESSION, "client.batch")],
      reply: { channel: session, messages: [at(SESSION, "server.batch")] },
    },
  };
  const all: readonly (readonly [string, unknown])[] = [
    ...receives,
    ["client.batch", batch] as const,
    ...unasked,
    ...tells,
  ];
  return Object.fromEntries(all);
}

const UNASKED = [
  "hello",
  "heartbeat",
  "test",
  "limit",
  "server.closing",
  "error",
  "EiCreateTransaction",
  "EiTicker",
] as const;
