import { Ajv } from "ajv";
import { describe, expect, test } from "@jest/globals";
import {
  CLIENT_EXAMPLES,
  CLIENT_MESSAGES,
  PRIVATE_CHANNELS,
  PRIVATE_SNAPSHOT,
  PUBLIC_CHANNELS,
  PUBLIC_DATA,
  SERVER_EXAMPLES,
  SERVER_MESSAGES,
  type ServerExample,
} from "@micromarket/protocol";

const ajv = new Ajv({ strict: false, allErrors: true });

function faults(schema: object, value: unknown): unknown[] {
  const validate = ajv.compile(schema);
  validate(value);
  return validate.errors ?? [];
}

describe("examples of a client", () => {
  test.each(CLIENT_EXAMPLES.map((example) => [`${example.type}: ${example.title}`, example] as const))(
    "%s fits its schema",
    (_, { type, data }) => expect(faults(CLIENT_MESSAGES[type], { type, id: "q1", data })).toEqual([]),
  );

  test("there is one of every type", () => {
    const types = new Set(CLIENT_EXAMPLES.map(({ type }) => type));
    expect([...types].sort()).toEqual(Object.keys(CLIENT_MESSAGES).sort());
  });
});

/** What the data of a public or private channel looks like: frames of channels alone say nothing of it. */
function dataSchema({ type, ch = "" }: ServerExample): object | null {
  if (type !== "snapshot" && type !== "delta") return null;
  const kind = ch.split("/")[0];
  const channel = PUBLIC_CHANNELS.find((each) => each === kind);
  if (channel !== undefined) return PUBLIC_DATA[channel][type];
  const own = PRIVATE_CHANNELS.find((each) => each === kind);
  return own === undefined ? null : PRIVATE_SNAPSHOT[own];
}

describe("examples of the server", () => {
  test.each(SERVER_EXAMPLES.map((frame, index) => [`${index} ${frame.type} ${frame.ch ?? ""}`, frame] as const))(
    "%s fits its schema",
    (_, frame) => {
      expect(faults(SERVER_MESSAGES[frame.type], frame)).toEqual([]);
      const schema = dataSchema(frame);
      expect(schema === null ? [] : faults(schema, frame.data)).toEqual([]);
    },
  );

  test("there is one of every type, and of every channel's snapshots and changes", () => {
    const types = new Set(SERVER_EXAMPLES.map(({ type }) => type));
    expect([...types].sort()).toEqual(Object.keys(SERVER_MESSAGES).sort());
    const told = (type: string) =>
      new Set(SERVER_EXAMPLES.filter((frame) => frame.type === type).map(({ ch = "" }) => ch.split("/")[0]));
    expect(told("snapshot")).toEqual(new Set([...PUBLIC_CHANNELS, ...PRIVATE_CHANNELS]));
    expect(told("delta")).toEqual(new Set(PUBLIC_CHANNELS));
  });
});
