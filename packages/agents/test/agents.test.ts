import { describe, expect, test } from "@jest/globals";
import { partyId, priceMicro, tenderId, wattHours } from "@micromarket/kernel";
import { committedLoad, variableGenerator } from "@micromarket/agents";

const party = partyId("home-1");
const tender = tenderId("home-1/load");

const table = [
  { forecast: 500, committed: 0, tendered: 500 },
  { forecast: 500, committed: 120, tendered: 380 },
  { forecast: 500, committed: 500, tendered: null },
  { forecast: 500, committed: 700, tendered: null },
  { forecast: 0, committed: 0, tendered: null },
];

describe("committed load", () => {
  test.each(table)("needs $forecast, has $committed", ({ forecast, committed, tendered }) => {
    const limit = priceMicro(400_000);
    const view = { party, tender, forecast: wattHours(forecast), committed: wattHours(committed), limit };
    const expected = { id: tender, party, side: "buy", steps: [{ price: limit, energy: tendered }] };
    expect(committedLoad(view)).toEqual(tendered === null ? [] : [expected]);
  });
});

describe("variable generator", () => {
  test.each(table)("expects $forecast, has sold $committed", ({ forecast, committed, tendered }) => {
    const reserve = priceMicro(-10_000);
    const view = { party, tender, forecast: wattHours(forecast), committed: wattHours(committed), reserve };
    const expected = { id: tender, party, side: "sell", steps: [{ price: reserve, energy: tendered }] };
    expect(variableGenerator(view)).toEqual(tendered === null ? [] : [expected]);
  });
});
