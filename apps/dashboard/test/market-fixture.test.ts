/** The stub tells nothing that the real API could not: every answer fits the API's schemas. */
import { expect, test } from "@jest/globals";
import { Ajv } from "ajv";
import {
  DeviceList,
  MarketView,
  PartyList,
  PartyPosition,
  PartyStatement,
  SlotBook,
  SlotDetail,
  SlotPage,
  Snapshot,
} from "@micromarket/api-http";
import { NOW_MS, startOf } from "./market-fixture.ts";
import { answerTo, snapshotAt } from "./stub-gateway.ts";

const start = new Date(startOf(95)).toISOString();

test.each([
  ["market", MarketView],
  ["devices", DeviceList],
  ["slots", SlotPage],
  [`slots/${start}`, SlotDetail],
  [`slots/${start}/book`, SlotBook],
  ["parties", PartyList],
  ["parties/home-5/position", PartyPosition],
  ["parties/home-5/statement", PartyStatement],
])("%s fits its schema", (path, schema) => {
  const ajv = new Ajv();
  expect([ajv.validate(schema, answerTo(path, NOW_MS, 7)), ajv.errors]).toEqual([true, null]);
});

test("the snapshot fits its schema", () => {
  const ajv = new Ajv();
  expect([ajv.validate(Snapshot, snapshotAt(NOW_MS, 7)), ajv.errors]).toEqual([true, null]);
});
