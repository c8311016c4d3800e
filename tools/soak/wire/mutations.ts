/** Frames that nobody should send: every example of a client's message, changed in one or several ways. */
import type { RandomStream } from "@micromarket/kernel";
import { CLIENT_EXAMPLES, encodeBatch } from "@micromarket/protocol";

/** A frame, and whether the server answers it. */
export interface WildFrame {
  readonly data: string | Buffer;
  /** Whether the connection is closed for it, whatever else the server does: its bytes break the protocol below ours. */
  readonly breaks: boolean;
}

/** Types that change whom the session belongs to, or that nothing answers: they are sent in a connection of their own. */
const LEFT_OUT: ReadonlySet<string> = new Set(["auth", "auth.challenge", "test.answer"]);
const FRAME_BYTES_MAX = 65_536;
const NESTED = 20_000;

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const JUNK: readonly ((stream: RandomStream) => Json)[] = [
  () => null,
  () => true,
  () => "",
  () => [],
  () => ({}),
  () => -1,
  () => 0.5,
  () => 1e308,
  () => 2 ** 60,
  () => -(2 ** 60),
  () => "__proto__",
  () => ({ constructor: { prototype: { polluted: true } } }),
  () => "\u0000\uffff\ud800",
  () => "2026-13-45T25:61Z",
  () => "PT0S",
  () => "anne",
  (stream) => "x".repeat(stream.below(5_000)),
  (stream) => stream.nextUint32(),
  (stream) => Array.from({ length: stream.below(400) }, (_, index) => index),
];

/** One frame. Rows of `parties` are whom it speaks of. */
export function wildFrame(stream: RandomStream, id: string, parties: readonly string[]): WildFrame {
  const kind = stream.below(1_000);
  if (kind === 0) return { data: Buffer.alloc(FRAME_BYTES_MAX + 1 + stream.below(100), "x").toString(), breaks: true };
  if (kind < 120) return wildBatch(stream, id, parties);
  const text = JSON.stringify(wildMessage(stream, id, parties));
  if (kind < 200) return { data: wildText(stream, text), breaks: false };
  if (kind < 203)
    return {
      data: `{"type":"order.get","id":"${id}","data":${"[".repeat(NESTED)}${"]".repeat(NESTED)}}`,
      breaks: false,
    };
  return { data: text, breaks: false };
}

function wildMessage(stream: RandomStream, id: string, parties: readonly string[]): Json {
  const examples = CLIENT_EXAMPLES.filter(({ type }) => !LEFT_OUT.has(type));
  const { type, data } = examples[stream.below(examples.length)] ?? { type: "test", data: {} };
  const party = parties[stream.below(parties.length)] ?? "anne";
  const told = JSON.stringify(data).replaceAll(/"(?:anne|bert|carl)"/g, JSON.stringify(party));
  const frame: Json = { type, id, data: JSON.parse(told) as Json };
  for (let count = stream.below(4); count > 0; count--) mutate(stream, frame);
  return frame;
}

/** Changes one place of the tree. The id stays, so that the answer can be known. */
function mutate(stream: RandomStream, frame: { [name: string]: Json }): void {
  let holder: Json[] | { [name: string]: Json } = frame;
  for (let depth = stream.below(6); depth > 0; depth--) {
    const inner: Json[] = Object.values(holder).filter((value) => typeof value === "object" && value !== null);
    const next = inner[stream.below(Math.max(1, inner.length))];
    if (next === undefined || next === null || typeof next !== "object") break;
    holder = next;
  }
  const junk = (JUNK[stream.below(JUNK.length)] ?? (() => null))(stream);
  const names = Object.keys(holder).filter((name) => holder !== frame || name !== "id");
  const name = names[stream.below(Math.max(1, names.length))] ?? "data";
  const target = holder as { [name: string]: Json };
  switch (stream.below(4)) {
    case 0:
      if (holder !== frame || name !== "type") delete target[name];
      return;
    case 1:
      target[stream.below(2) === 0 ? `${name}_` : "extra"] = junk;
      return;
    case 2:
      if (Array.isArray(holder) && holder.length > 0 && holder.length < 64) holder.push(...structuredClone(holder));
      else target[name] = junk;
      return;
    default:
      if (holder !== frame || name !== "type") target[name] = junk;
      else target[name] = "no.such.type";
  }
}

/** A text that was cut, doubled, or has a character changed. */
function wildText(stream: RandomStream, text: string): string {
  const at = stream.below(text.length);
  switch (stream.below(4)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + String.fromCharCode(stream.below(0xd800)) + text.slice(at + 1);
    case 2:
      return text + text;
    default:
      return text.slice(0, at) + text.slice(at, at + 20) + text.slice(at);
  }
}

/** A binary batch in which bytes were changed, cut off or added. */
function wildBatch(stream: RandomStream, id: string, parties: readonly string[]): WildFrame {
  const rows = 1 + stream.below(8);
  const bytes = Buffer.from(
    encodeBatch({
      requestId: id,
      party: parties[stream.below(parties.length)] ?? "anne",
      slotMs: stream.below(4) * 900_000,
      prices: Array.from({ length: rows }, () => stream.below(400_000)),
      energies: Array.from({ length: rows }, () => 1 + stream.below(900)),
      sides: Array.from({ length: rows }, () => (stream.below(2) === 0 ? "buy" : "sell")),
      said: stream.below(4) === 0 ? { sequence: 1 + stream.below(9), mac: new Uint8Array(32) } : null,
    }),
  );
  for (let count = stream.below(6); count > 0; count--) bytes.writeUInt8(stream.below(256), stream.below(bytes.length));
  if (stream.below(4) === 0) return { data: bytes.subarray(0, stream.below(bytes.length + 1)), breaks: false };
  return { data: stream.below(6) === 0 ? Buffer.concat([bytes, bytes]) : bytes, breaks: false };
}
