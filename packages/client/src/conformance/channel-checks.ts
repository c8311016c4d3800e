/** Channels: snapshot, numbers, what is missed. */
import { ORDER_VIEW_STATES, PUBLIC_CHANNELS } from "@micromarket/protocol";
import { isBookSound } from "../channels/book-checksum.ts";
import { check, expectSame, expectThat, tradingCheck, type Check } from "./check.ts";
import { NotHere } from "./otherwise.ts";
import type { Lab } from "./lab.ts";
import type { HeardFrame, RawClient } from "./raw-client.ts";

export const CHANNEL_CHECKS: readonly Check[] = [
  check("channels/snapshot", "each public channel answers subscribe with subscribed, then a snapshot", async (lab) => {
    const client = await lab.signedIn();
    for (const ch of PUBLIC_CHANNELS) {
      const from = client.frames.length;
      const { seq } = await client.answer("subscribe", { ch }, "subscribed");
      const snapshot = await client.frame((frame) => frame.ch === ch, `the snapshot of ${ch}`, from);
      expectSame(snapshot.type, "snapshot", `the first frame of ${ch}`);
      expectThat(
        (snapshot.seq ?? -1) >= Number(seq),
        `the snapshot of ${ch} has seq ${snapshot.seq}, subscribed ${String(seq)}`,
      );
    }
  }),
  check("channels/unknown", "a channel that there is not is UNKNOWN_CHANNEL", async (lab) => {
    const client = await lab.signedIn();
    expectSame((await client.error("subscribe", { ch: "weather" }))["code"], "UNKNOWN_CHANNEL", "the code");
  }),
  check("channels/already-subscribed", "subscribing twice is ALREADY_SUBSCRIBED", async (lab) => {
    const client = await lab.signedIn();
    await client.answer("subscribe", { ch: "results" }, "subscribed");
    expectSame((await client.error("subscribe", { ch: "results" }))["code"], "ALREADY_SUBSCRIBED", "the code");
  }),
  check("channels/unsubscribe", "unsubscribe is answered; once more it is NOT_SUBSCRIBED", async (lab) => {
    const client = await lab.signedIn();
    await client.answer("subscribe", { ch: "results" }, "subscribed");
    await client.answer("unsubscribe", { ch: "results" }, "unsubscribed");
    expectSame((await client.error("unsubscribe", { ch: "results" }))["code"], "NOT_SUBSCRIBED", "the code");
  }),
  check("channels/resync", "resync gives another snapshot, not older than the first", async (lab) => {
    const client = await lab.signedIn();
    await client.answer("subscribe", { ch: "market" }, "subscribed");
    const first = await client.frame(isSnapshot("market"), "the first snapshot");
    const from = client.frames.indexOf(first) + 1;
    client.send("resync", { ch: "market" });
    const second = await client.frame(isSnapshot("market"), "the second snapshot", from);
    expectThat((second.seq ?? -1) >= (first.seq ?? 0), `the second has seq ${second.seq}, the first ${first.seq}`);
  }),
  check("book/checksum", "the checksum of each slot's levels is CRC-32 over PRICE:BUY:SELL;", async (lab) => {
    const client = await lab.signedIn();
    await client.answer("subscribe", { ch: "book" }, "subscribed");
    const { data } = await client.frame(isSnapshot("book"), "the snapshot");
    const { slots } = data as { slots: { checksum: number | null }[] };
    if (slots.every(({ checksum }) => checksum === null))
      throw new NotHere("the market does not show the levels of its books");
    expectThat(isBookSound(data), "a checksum does not fit its levels");
  }),
  tradingCheck("channels/seq", "numbers of a channel grow", async (lab) => {
    const frames = await ordersChannel(lab);
    for (const [index, { seq }] of frames.entries())
      expectThat(
        index === 0 || (seq ?? 0) > (frames[index - 1]?.seq ?? 0),
        `after ${frames[index - 1]?.seq} comes ${seq}`,
      );
  }),
  tradingCheck("channels/prev", "each message names the number before it in its channel", async (lab) => {
    const frames = await ordersChannel(lab);
    for (const [index, frame] of frames.entries())
      if (index > 0)
        expectThat(frame.prev === frames[index - 1]?.seq, `prev is ${frame.prev} after ${frames[index - 1]?.seq}`);
  }),
  tradingCheck("channels/nothing-missing", "what happens to an order is told, one message a change", async (lab) => {
    const states = (await ordersChannel(lab)).slice(1).map(({ data }) => (data as { state?: string }).state);
    expectSame(states, ["open", "cancelled"], "what is told");
  }),
  tradingCheck("orders/state-known", `an order's state is one of ${ORDER_VIEW_STATES.join(", ")}`, async (lab) => {
    for (const { data } of (await ordersChannel(lab)).slice(1)) {
      const { state } = data as { state: string };
      expectThat(
        ORDER_VIEW_STATES.some((each) => each === state),
        `the state is ${JSON.stringify(state)}`,
      );
    }
  }),
  tradingCheck("orders/revision", "an order's revision grows by one with each change", async (lab) => {
    const revs = (await ordersChannel(lab)).slice(1).map(({ data }) => (data as { rev?: number }).rev);
    expectSame(revs, [1, 2], "the revisions");
  }),
  tradingCheck(
    "resume/replays",
    "resume brings everything after after_seq, with the numbers that it had",
    async (lab) => {
      const { party, first, frames } = await lived(lab);
      const client = await lab.signedIn();
      const epoch = frames.epoch;
      const resumed = await client.answer("resume", { ch: `orders/${party}`, after_seq: first, epoch }, "resumed");
      expectSame(resumed["after_seq"], first, "after_seq");
      await client.frame((frame) => frame.seq === frames.last, `message ${frames.last}`);
      const again = client.frames.filter(({ ch }) => ch === `orders/${party}`).map(({ seq }) => seq);
      expectSame(again, frames.seqs, "the numbers that come again");
    },
  ),
  tradingCheck("resume/other-epoch", "resume of another epoch is resume.reset and a snapshot", async (lab) => {
    const { party, first, frames } = await lived(lab);
    const client = await lab.signedIn();
    await client.answer("resume", { ch: `orders/${party}`, after_seq: first, epoch: frames.epoch + 1 }, "resume.reset");
    await client.frame(isSnapshot(`orders/${party}`), "a snapshot");
  }),
  check("resume/future", "resume after a number that was never told is resume.reset", async (lab) => {
    const client = await lab.signedIn();
    const ch = `orders/${await lab.party()}`;
    await client.answer("resume", { ch, after_seq: Number.MAX_SAFE_INTEGER }, "resume.reset");
  }),
  check(
    "private/isolation",
    "a party that is not one's own is refused exactly like one that does not exist",
    async (lab) => {
      const client = await lab.signedIn();
      const foreign = await foreignParty(lab, client);
      for (const [type, dataOf] of PRIVATE_QUESTIONS) {
        const [one, other] = [
          await client.error(type, dataOf(foreign)),
          await client.error(type, dataOf("nobody-at-all")),
        ];
        const told = ({ code, message, class: kind }: Record<string, unknown>, name: string) =>
          JSON.stringify([code, kind, String(message).replaceAll(name, "NAME")]);
        expectSame(told(one, foreign), told(other, "nobody-at-all"), `what is said to ${type}`);
        expectSame(one["code"], "NOT_FOUND", `the code of ${type}`);
      }
    },
  ),
];

const PRIVATE_QUESTIONS: readonly (readonly [string, (party: string) => object])[] = [
  ["subscribe", (party) => ({ ch: `orders/${party}` })],
  ["resume", (party) => ({ ch: `bills/${party}`, after_seq: 0 })],
  ["orders.list", (party) => ({ party })],
  ["order.get", (party) => ({ party, client_order_id: "none" })],
];

function isSnapshot(channel: string): (frame: HeardFrame) => boolean {
  return ({ type, ch }) => type === "snapshot" && ch === channel;
}

/** The snapshot of the party's orders, then what is told while an order is placed and taken back. */
async function ordersChannel(lab: Lab): Promise<readonly HeardFrame[]> {
  const client = await lab.signedIn();
  const ch = `orders/${await lab.party()}`;
  await client.answer("subscribe", { ch }, "subscribed");
  await client.frame(isSnapshot(ch), "the snapshot");
  const { id, party } = await lab.place(client);
  await client.answer("EiCancelTender", { requestId: lab.id(), partyId: party, tenderId: [id] }, "EiCanceledTender");
  await client.frame(({ type }) => type === "heartbeat", "a heartbeat", client.frames.length);
  const isOwn = ({ type, data }: HeardFrame): boolean =>
    type === "order.update" && (data as { client_order_id?: string }).client_order_id === id;
  return client.frames.filter((frame) => frame.ch === ch && (frame.type === "snapshot" || isOwn(frame)));
}

/** A life of an order that can be resumed: the number before it, and those of its messages. */
async function lived(lab: Lab) {
  const client = await lab.signedIn();
  const party = await lab.party();
  const ch = `orders/${party}`;
  const { epoch, seq } = await client.answer("subscribe", { ch }, "subscribed");
  const { id } = await lab.place(client);
  await client.answer("EiCancelTender", { requestId: lab.id(), partyId: party, tenderId: [id] }, "EiCanceledTender");
  const isLast = ({ data }: HeardFrame): boolean => (data as { state?: string }).state === "cancelled";
  await client.frame(isLast, "the end of the order");
  const seqs = client.frames.filter((frame) => frame.ch === ch && frame.type !== "snapshot").map((frame) => frame.seq);
  return { party, first: Number(seq), frames: { epoch: Number(epoch), seqs, last: seqs.at(-1) } };
}

/** A party of the market that one may not see. */
async function foreignParty(lab: Lab, client: RawClient): Promise<string> {
  const { grants } = client.frames.find(({ type }) => type === "authenticated")?.data as {
    grants: { party: string }[];
  };
  if (grants.some(({ party }) => party === "*")) throw new NotHere("one may see every party: try as one of them");
  const own = new Set(grants.map(({ party }) => party));
  const residual = (await lab.market()).rules.residual.party;
  if (own.has(residual)) throw new NotHere("no party is known that is not one's own");
  return residual;
}
