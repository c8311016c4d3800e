import { afterEach, expect, test } from "@jest/globals";
import { formatInstant } from "@micromarket/kernel";
import { NOON } from "@micromarket/testkit";
import { serve } from "./asking.ts";
import { closeSockets, SocketClient } from "./socket-client.ts";
import { tradingStreet } from "./trading-street.ts";

afterEach(closeSockets);

const SLOT = formatInstant(NOON);

function limit(tenderId: string, side: "BUY" | "SELL", price: number | null, quantity: number) {
  return {
    ...{ tenderId, side, priceScale: -6, quantityScale: -3, resourceDesignator: "ENERGY" },
    tenderDetail: { interval: { dtStart: SLOT, duration: "PT15M" }, price, quantity },
  };
}

const create = (requestId: string, party: string, ...tender: readonly ReturnType<typeof limit>[]) => ({
  ...{ requestId, partyId: party, tender },
});

test("a session begins with hello, and an order is durable when it is answered and told to its party when it is filled", async () => {
  const street = tradingStreet();
  const server = await serve(street, { trading: { desk: street.desk } });
  const client = new SocketClient(server);
  const hello = await client.next("hello");
  expect(hello.data).toMatchObject({ protocol: "micromarket.v1", market: street.rules.market, principal: null });
  expect((await client.ask("subscribe", { ch: "orders/anne" })).data.code).toBe("AUTH_REQUIRED");
  expect(await client.ask("auth", { method: "bearer", token: "x" })).toMatchObject({ type: "authenticated" });
  await client.ask("subscribe", { ch: "orders/anne" });
  expect((await client.next("snapshot")).data).toEqual({ orders: [] });
  const created = await client.ask("EiCreateTender", create("r1", "anne", limit("t1", "BUY", 350_000, 500)));
  expect(created).toMatchObject({
    type: "EiCreatedTender",
    data: { tenderId: "t1", duplicate: false, response: { responseCode: 200 } },
  });
  expect(await client.next("order.update")).toMatchObject({
    ch: "orders/anne",
    data: { client_order_id: "t1", state: "open" },
  });
  street.closeGateOf(NOON);
  expect(await client.next("transaction")).toMatchObject({
    data: { client_order_id: "t1", side: "buy", energy_wh: 500 },
  });
  expect(await client.next("order.update")).toMatchObject({ data: { state: "filled", filled_wh: 500 } });
});
