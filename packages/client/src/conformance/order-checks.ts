/** Orders: acknowledged is there, once is once, what cannot be is refused by name. */
import { decodeBatchAnswer, encodeBatch, type EiTender } from "@micromarket/protocol";
import { limitTender } from "../orders/tender-builders.ts";
import { expectSame, expectThat, tradingCheck, type Check } from "./check.ts";
import type { Lab } from "./lab.ts";
import type { RawClient } from "./raw-client.ts";

type Response = {
  readonly responseCode: number;
  readonly code?: string;
  readonly responseTermsViolated?: readonly { attributeViolated: string }[];
};

export const ORDER_CHECKS: readonly Check[] = [
  tradingCheck("orders/acknowledged-is-there", "an order that is answered with 200 is there at once", async (lab) => {
    const client = await lab.signedIn();
    const { id, party, data } = await lab.place(client);
    const order = await client.answer("order.get", { party, client_order_id: id }, "order");
    expectSame([order["state"], order["market_order_id"]], ["open", data["marketOrderId"]], "state and marketOrderId");
  }),
  tradingCheck(
    "orders/as-asked",
    "an order stands with the slot, side and quantity that were asked for",
    async (lab) => {
      const client = await lab.signedIn();
      const { slotMs } = await lab.slot();
      const { id, party } = await lab.place(client);
      const order = await client.answer("order.get", { party, client_order_id: id }, "order");
      const told = ["slot_ms", "side", "quantity_wh", "remaining_wh", "filled_wh"].map((name) => order[name]);
      expectSame(told, [slotMs, "buy", 100, 100, 0], "slot, side, quantity, remaining, filled");
    },
  ),
  tradingCheck(
    "orders/duplicate",
    "the same request once more gives the original answer with duplicate: true",
    async (lab) => {
      const client = await lab.signedIn();
      const { sent, data } = await lab.place(client);
      expectSame(data["duplicate"], false, "duplicate, the first time");
      const again = await client.answer("EiCreateTender", sent, "EiCreatedTender");
      expectSame(again["duplicate"], true, "duplicate, the second time");
      expectSame(again["marketOrderId"], data["marketOrderId"], "marketOrderId, the second time");
    },
  ),
  tradingCheck("orders/once", "a request that is sent three times places one order", async (lab) => {
    const client = await lab.signedIn();
    const { sent, id, party } = await lab.place(client);
    for (let again = 0; again < 2; again++) await client.answer("EiCreateTender", sent, "EiCreatedTender");
    const { orders } = await client.answer("orders.list", { party, state: "open", limit: 1_000 }, "orders");
    const same = (orders as { request_id: string | null; client_order_id: string }[]).filter((order) =>
      order.client_order_id.startsWith(id),
    );
    expectSame(same.length, 1, "the number of orders");
  }),
  tradingCheck(
    "orders/same-over-http",
    "the same request over HTTP is the same request: what was sent is what stands",
    async (lab) => {
      const client = await lab.signedIn();
      const { sent, data } = await lab.place(client);
      const twin = await lab.http.send("EiCreateTender", sent);
      expectThat(twin.status === 200, `HTTP answers ${twin.status} ${JSON.stringify(twin.data).slice(0, 200)}`);
      expectSame(
        [twin.data?.duplicate, twin.data?.marketOrderId],
        [true, data["marketOrderId"]],
        "duplicate and marketOrderId",
      );
    },
  ),
  tradingCheck("orders/id-reused", "an order's id with another content is ID_REUSED", async (lab) => {
    const client = await lab.signedIn();
    const { sent, id } = await lab.place(client);
    const { slotMs, slotLengthMs, priceMicro } = await lab.slot();
    const tender = [limitTender({ id, side: "buy", slotMs, slotLengthMs, priceMicro, quantityWh: 200 })];
    await expectRefused(client, { ...sent, requestId: lab.id(), tender }, 409, "ID_REUSED");
  }),
  tradingCheck("orders/refused-id-is-free", "the id of an order that was refused can be used", async (lab) => {
    const client = await lab.signedIn();
    const sent = await lab.creating();
    const [tender] = sent.tender;
    if (tender === undefined) return;
    await expectRefused(client, { ...sent, tender: [{ ...tender, tenderDetail: zero(tender) }] }, 422, "QTY_LOT");
    const data = await client.answer("EiCreateTender", sent, "EiCreatedTender");
    expectSame((data["response"] as Response).responseCode, 200, "the response to the second one");
  }),
  tradingCheck("orders/scale", "another scale is a violation that names its attribute", async (lab) => {
    const client = await lab.signedIn();
    const sent = await lab.creating();
    const data = await client.answer(
      "EiCreateTender",
      { ...sent, tender: sent.tender.map((each) => ({ ...each, priceScale: -2 })) },
      "EiCreatedTender",
    );
    const { responseCode, responseTermsViolated } = data["response"] as Response;
    expectSame(responseCode, 400, "the response");
    expectSame(responseTermsViolated?.[0]?.attributeViolated, "/tender/0/priceScale", "the attribute");
  }),
  tradingCheck("orders/all-or-none", "of a request of which one tender is refused none is placed", async (lab) => {
    const client = await lab.signedIn();
    const name = lab.id();
    const [good, bad] = [await lab.creating(`${name}.0`), await lab.creating(`${name}.1`)];
    const tender = [...good.tender, ...bad.tender.map((each) => ({ ...each, tenderDetail: zero(each) }))];
    const data = await client.answer("EiCreateTender", { ...good, tender }, "EiCreatedTender");
    expectThat((data["response"] as Response).responseCode !== 200, "the whole is accepted");
    const { code } = await client.error("order.get", { party: good.partyId, client_order_id: `${name}.0` });
    expectSame(code, "NOT_FOUND", "what order.get says of the first one");
  }),
  tradingCheck("orders/partial", "with partial: true each tender has its own answer", async (lab) => {
    const client = await lab.signedIn();
    const [good, bad] = [await lab.creating(), await lab.creating()];
    const tender = [...good.tender, ...bad.tender.map((each) => ({ ...each, tenderDetail: zero(each) }))];
    const data = await client.answer("EiCreateTender", { ...good, tender, partial: true }, "EiCreatedTender");
    const codes = (data["tenders"] as { response: Response }[]).map(({ response }) => response.responseCode);
    expectSame(codes, [200, 422], "the responses");
  }),
  tradingCheck("orders/slot-unknown", "a slot beyond the horizon is SLOT_UNKNOWN", async (lab) => {
    const client = await lab.signedIn();
    const { rules } = await lab.market();
    const sent = await lab.creating();
    const { slotMs, slotLengthMs, priceMicro } = await lab.slot();
    const far = slotMs + Math.ceil((10 * rules.horizon_ms) / slotLengthMs) * slotLengthMs;
    const tender = [limitTender({ id: lab.id(), side: "buy", slotMs: far, slotLengthMs, priceMicro, quantityWh: 100 })];
    await expectRefused(client, { ...sent, tender }, 404, "SLOT_UNKNOWN");
  }),
  tradingCheck("orders/gate-closed", "a slot whose gate has closed is GATE_CLOSED", async (lab) => {
    const client = await lab.signedIn();
    const sent = await lab.creating();
    const { slotLengthMs, priceMicro } = await lab.slot();
    const { next_gate: gate } = await lab.market();
    const slotMs = gate.slot_ms - slotLengthMs;
    const tender = [limitTender({ id: lab.id(), side: "buy", slotMs, slotLengthMs, priceMicro, quantityWh: 100 })];
    await expectRefused(client, { ...sent, tender }, 409, "GATE_CLOSED");
  }),
  tradingCheck(
    "orders/cancel",
    "a cancelled order is cancelled at once, with the rest that was taken back",
    async (lab) => {
      const client = await lab.signedIn();
      const { id, party } = await lab.place(client);
      const { success, remainingQuantity } = await cancel(lab, client, party, id);
      expectSame([success, remainingQuantity], [true, 100], "success and remainingQuantity");
      const order = await client.answer("order.get", { party, client_order_id: id }, "order");
      expectSame(order["state"], "cancelled", "the state");
    },
  ),
  tradingCheck(
    "orders/cancel-final",
    "a cancel of an order that has ended is success: false, remaining 0",
    async (lab) => {
      const client = await lab.signedIn();
      const { id, party } = await lab.place(client);
      await cancel(lab, client, party, id);
      const { success, remainingQuantity } = await cancel(lab, client, party, id);
      expectSame([success, remainingQuantity], [false, 0], "success and remainingQuantity");
    },
  ),
  tradingCheck("batch/placed", "a binary batch is answered in binary: rows, 200, the journal's entry", async (lab) => {
    const { answer } = await batch(lab, await lab.signedIn());
    expectSame([answer.status, answer.rows, answer.code], [200, 3, "OK"], "status, rows and code");
    expectThat(answer.entry !== null, "the answer names no entry");
  }),
  tradingCheck("batch/rows-are-there", "each row of a binary batch is an order REQUEST.ROW", async (lab) => {
    const client = await lab.signedIn();
    const { requestId, party } = await batch(lab, client);
    for (let row = 0; row < 3; row++) {
      const order = await client.answer("order.get", { party, client_order_id: `${requestId}.${row}` }, "order");
      expectSame([order["state"], order["quantity_wh"]], ["open", 100 + row], `state and quantity of row ${row}`);
    }
  }),
  tradingCheck(
    "batch/refused-row",
    "a batch with a row that is refused is refused whole, and says which row",
    async (lab) => {
      const client = await lab.signedIn();
      const { answer } = await batch(lab, client, [100, 0, 100]);
      expectThat(answer.status !== 200, "the batch is accepted");
      expectSame([answer.refusedRow, answer.code], [1, "QTY_LOT"], "row and code");
    },
  ),
  tradingCheck("batch/broken", "bytes that are no batch are BAD_FRAME", async (lab) => {
    const client = await lab.signedIn();
    const from = client.frames.length;
    client.sendBytes(Uint8Array.of(9, 9, 9));
    const frame = await client.frame(({ type }) => type === "error", "an error", from);
    expectSame((frame.data as { code?: unknown }).code, "BAD_FRAME", "the code");
  }),
  tradingCheck("cts/position", "EiRequestPosition is answered for the interval that was asked for", async (lab) => {
    const client = await lab.signedIn();
    const party = await lab.party();
    const { slotMs } = await lab.slot();
    const boundingInterval = { dtStart: new Date(slotMs).toISOString(), duration: "PT1H" };
    const asked = {
      requestId: lab.id(),
      requestor: party,
      positionParty: party,
      resourceDesignator: "ENERGY",
      boundingInterval,
    };
    const data = await client.answer("EiRequestPosition", asked, "EiReplyPosition");
    expectSame(
      [data["inResponseTo"], data["positionParty"]],
      [asked.requestId, party],
      "inResponseTo and positionParty",
    );
    expectSame(data["boundingInterval"], boundingInterval, "boundingInterval");
  }),
  tradingCheck("cts/open-tenders", "EiRequestTender lists the orders that stand", async (lab) => {
    const client = await lab.signedIn();
    const { id, party, sent } = await lab.place(client);
    const data = await client.answer("EiRequestTender", { requestId: lab.id(), partyId: party }, "EiReplyTender");
    const listed = data["tenders"] as (EiTender & { readonly state: string })[];
    const found = listed.find(({ tenderId }) => tenderId === id);
    expectThat(found !== undefined, `the order is not among ${listed.length}`);
    expectSame([found?.state, found?.side], ["open", sent.tender[0]?.side], "state and side");
    expectSame(askedOf(found), askedOf(sent.tender[0]), "price and quantity");
    expectThat(found?.expirationTime !== undefined, "nothing says until when the order stands");
  }),
];

async function expectRefused(client: RawClient, sent: object, status: number, code: string): Promise<void> {
  const data = await client.answer("EiCreateTender", sent, "EiCreatedTender");
  const response = data["response"] as Response;
  expectSame([response.responseCode, response.code], [status, code], "responseCode and code");
}

function askedOf(tender: Pick<EiTender, "tenderDetail"> | undefined) {
  const detail = tender?.tenderDetail;
  return detail !== undefined && "price" in detail ? [detail.price, detail.quantity] : null;
}

async function cancel(lab: Lab, client: RawClient, party: string, id: string) {
  const asked = { requestId: lab.id(), partyId: party, tenderId: [id] };
  const data = await client.answer("EiCancelTender", asked, "EiCanceledTender");
  const [first] = data["eiCanceledResponse"] as { success: boolean; remainingQuantity: number }[];
  expectThat(first !== undefined, "the answer names no order");
  return first;
}

async function batch(lab: Lab, client: RawClient, energies: readonly number[] = [100, 101, 102]) {
  const [party, requestId, { slotMs, priceMicro }] = [await lab.party(), lab.id(), await lab.slot()];
  const [prices, sides] = [energies.map(() => priceMicro), energies.map(() => "buy" as const)];
  for (const row of energies.keys()) lab.note(party, `${requestId}.${row}`);
  client.sendBytes(encodeBatch({ requestId, party, slotMs, prices, energies, sides, said: null }));
  await client.until(() => client.batches.length > 0, "an answer in binary");
  const read = decodeBatchAnswer(client.batches[0] ?? new Uint8Array());
  expectThat(read.ok, "the answer cannot be read");
  expectSame(read.value.requestId, requestId, "the request's id");
  return { answer: read.value, requestId, party };
}

function zero<Tender extends { readonly tenderDetail: object }>({ tenderDetail }: Tender): Tender["tenderDetail"] {
  return { ...tenderDetail, quantity: 0 };
}
