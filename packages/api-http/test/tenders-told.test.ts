/** What `EiReplyTender` says of an order: as it was asked for, until when it stands, and what became of it. */
import { afterEach, expect, test } from "@jest/globals";
import { gateInstant } from "@micromarket/engine";
import { formatInstant } from "@micromarket/kernel";
import { NOON } from "@micromarket/testkit";
import { serve } from "./asking.ts";
import { closeSockets, SocketClient } from "./socket-client.ts";
import { tradingStreet } from "./trading-street.ts";

afterEach(closeSockets);

const interval = { dtStart: formatInstant(NOON), duration: "PT15M" };

function create(tenderId: string, side: "BUY" | "SELL", price: number | null, quantity: number) {
  const scales = { priceScale: -6, quantityScale: -3, resourceDesignator: "ENERGY" };
  return {
    requestId: tenderId,
    partyId: "anne",
    tender: [{ tenderId, side, ...scales, tenderDetail: { interval, price, quantity } }],
  };
}

test("tenders are told with their limit, quantity, gate and state, also after they were taken back", async () => {
  const street = tradingStreet();
  const client = new SocketClient(await serve(street, { trading: { desk: street.desk } }));
  await client.next("hello");
  await client.ask("auth", { method: "bearer", token: "anybody on loopback is the operator" });
  await client.ask("EiCreateTender", create("t1", "BUY", 350_000, 100));
  await client.ask("EiCreateTender", create("t2", "SELL", 120_000, 70));
  await client.ask("EiCreateTender", create("t3", "BUY", null, 30));
  await client.ask("EiCancelTender", { requestId: "c1", partyId: "anne", tenderId: ["t2"] });
  const asked = { requestId: "q1", partyId: "anne", tenderId: ["t1", "t2", "t3"] };
  const { data } = await client.ask("EiRequestTender", asked);
  const expirationTime = formatInstant(gateInstant(street.desk.rules, NOON));
  const told = (side: string, state: string, price: number | null, quantity: number, remainingQuantity: number) => ({
    ...{ side, state, remainingQuantity, expirationTime },
    tenderDetail: { interval, price, quantity },
  });
  expect(data["tenders"]).toMatchObject([
    told("BUY", "open", 350_000, 100, 100),
    told("SELL", "cancelled", 120_000, 70, 0),
    told("BUY", "open", null, 30, 30),
  ]);
}, 120_000);
