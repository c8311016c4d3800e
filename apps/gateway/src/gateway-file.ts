/**
 * Reads a gateway file into what the gateway runs. All problems are collected before any is reported; a file is never
 * half used.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { bandComplaint, complain, identifierAt, priceAt, readDuration, readMarketRules } from "@micromarket/data-files";
import { readYaml, schemaCheck, type YamlPath } from "@micromarket/yaml-files";
import type { MarketRules, Prices } from "@micromarket/engine";
import {
  compareText,
  DAY,
  fail,
  type InputProblem,
  isIdentifier,
  ok,
  partyId,
  type PriceMicro,
  priceMicro,
  problemLog,
  type Result,
  stepsIn,
  suggest,
} from "@micromarket/kernel";
import { readApi } from "./api-section.ts";
import { readClock, type GatewayReading } from "./clock-section.ts";
import type { PairName } from "./counter-facts.ts";
import { coarsenessOf, judgeCounters, lackOf } from "./counter-verdict.ts";
import { readDevices } from "./device-section.ts";
import { meterSpec, type DeviceConfig, type GatewayConfig, type HomeConfig } from "./gateway-config.ts";
import { GatewaySchema, type AgentsEntry, type GatewayFile } from "./gateway-schema.ts";
import { readCreditLine, readDeposits } from "./funds-section.ts";
import { readBattery, readCharger, readLimits } from "./home-devices-section.ts";
import { readHttp } from "./http-section.ts";
import { readJournal } from "./journal-section.ts";
import { readParties } from "./parties-section.ts";
import { readPublish } from "./publish-section.ts";

/** Where secrets come from. */
export interface GatewayFileOptions {
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const checkSchema = schemaCheck(GatewaySchema);
/** Room that the names of agents take behind a home's identifier. */
const AGENT_SUFFIX_LENGTH_MAX = 5;

/** Reads the file at `path`. */
export function loadGatewayFile(
  path: string,
  { env = process.env }: GatewayFileOptions = {},
): Result<GatewayConfig, InputProblem[]> {
  const text = readText(path);
  if (!text.ok) return fail([text.error]);
  const yaml = readYaml(text.value, path);
  if (!yaml.ok) return yaml;
  const problems = problemLog();
  checkSchema(yaml.value, problems);
  if (problems.count() > 0) return fail(problems.list());
  const file = yaml.value.value as GatewayFile; // the schema holds
  const folder = dirname(resolve(path));
  const config = readConfig({ file, path, folder, env, yaml: yaml.value, problems });
  return config === null || problems.count() > 0 ? fail(problems.list()) : ok(config);
}

function readText(path: string): Result<string, InputProblem> {
  const problem = (code: string, what: string, mend: string) =>
    fail({ file: path, line: 1, column: 1, code, what, mend });
  try {
    return ok(new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path)));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return problem("FILE_MISSING", `${path} does not exist`, "check the path");
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
      return problem("FILE_NOT_UTF8", `${path} is no UTF-8 text`, "save it as UTF-8");
    }
    return problem("FILE_UNREADABLE", `${path} cannot be read (${code ?? message})`, "check path and permissions");
  }
}

function readConfig(reading: GatewayReading): GatewayConfig | null {
  const { file, path, folder } = reading;
  const rules = readRules(reading);
  const prices = rules === null ? null : readPrices(reading, rules);
  const clock = readClock(reading);
  const http = readHttp(reading);
  const journal = readJournal(reading);
  const speed = clock?.kind === "accelerated" ? clock.speed : 1;
  const devices = readDevices(reading, rules === null ? null : { slotMs: rules.slotLength, speed });
  const homes = readHomes(reading, rules, prices, devices);
  const parties = readParties(reading, rules);
  const tieMeter = file.supplier.meter ?? null;
  if (tieMeter !== null) checkMeter(reading, ["supplier", "meter"], tieMeter, devices, ["imported_wh", "exported_wh"]);
  if (rules !== null) checkCounters(reading, devices, rules.slotLength);
  if (rules === null || prices === null || clock === null || http === null || journal === null) return null;
  const dataDirectory = resolve(folder, file.data);
  const isControlEnabled = file.control?.enabled ?? false;
  const deposits = readDeposits(reading);
  const publish = readPublish(reading);
  const api = readApi(reading);
  const sections = {
    journal,
    clock,
    http,
    api,
    devices,
    homes,
    parties,
    tieMeter,
    isControlEnabled,
    publish,
    deposits,
  };
  return { file: path, name: file.name, rules, prices, dataDirectory, ...sections };
}

function readRules(reading: GatewayReading): MarketRules | null {
  const slotLength = readDuration(reading.file.slot);
  if (slotLength === 0 || stepsIn(DAY, slotLength) === null) {
    const what = `a slot of ${reading.file.slot} does not divide a day`;
    return complain(reading, ["slot"], { code: "SLOT_UNFIT", what, mend: "write a length such as 5m, 15m, 30m or 1h" });
  }
  return readMarketRules(reading, { slotMs: slotLength });
}

function readPrices(reading: GatewayReading, { auction }: MarketRules): Prices | null {
  const priceOf = (key: "tariff" | "feedIn"): PriceMicro | null => {
    const price = priceAt(reading, ["supplier", key], reading.file.supplier[key]);
    const complaint = price === null ? null : bandComplaint(price, auction, `supplier.${key}`);
    if (complaint !== null) return complain(reading, ["supplier", key], complaint);
    return price === null ? null : priceMicro(price);
  };
  const [tariff, feedIn] = [priceOf("tariff"), priceOf("feedIn")];
  if (tariff === null || feedIn === null) return null;
  if (tariff >= feedIn) return { tariff, feedIn };
  const what = "the feed-in price is above the tariff: buying to sell back would earn money";
  const complaint = { code: "FEED_IN_ABOVE_TARIFF", what, mend: "lower the feed-in price" };
  return complain(reading, ["supplier", "feedIn"], complaint);
}

function readHomes(
  reading: GatewayReading,
  rules: MarketRules | null,
  prices: Prices | null,
  devices: readonly DeviceConfig[],
): readonly HomeConfig[] {
  const used = new Map<string, string>();
  if (reading.file.supplier.meter !== undefined) used.set(reading.file.supplier.meter, "the tie");
  const names = new Set<string>([rules?.residual.party ?? "supplier"]);
  return reading.file.homes.flatMap(({ id, meter, pv, battery, charger, limits, agents = {}, creditLine }, index) => {
    const path = ["homes", index];
    checkHomeName(reading, [...path, "id"], id, names);
    checkMeter(reading, [...path, "meter"], meter, devices, ["imported_wh", "exported_wh"]);
    if (pv !== undefined) checkMeter(reading, [...path, "pv"], pv, devices, ["exported_wh"]);
    const placed = { meter, pv, battery: battery?.device, charger: charger?.device };
    for (const [key, device] of Object.entries(placed)) {
      if (device === undefined) continue;
      const other = used.get(device);
      if (other !== undefined) complain(reading, [...path, key], deviceTwice(device, other));
      used.set(device, id);
    }
    const bids =
      rules === null || prices === null ? null : readBids(reading, [...path, "agents"], agents, rules, prices);
    const line = creditLine === undefined ? null : readCreditLine(reading, [...path, "creditLine"], creditLine, rules);
    const behind = {
      battery: battery === undefined ? null : readBattery(reading, [...path, "battery"], battery),
      charger:
        charger === undefined || rules === null || prices === null
          ? null
          : readCharger(reading, [...path, "charger"], charger, rules, prices),
      limits: readLimits(reading, [...path, "limits"], limits),
    };
    if (bids === null || !isIdentifier(id)) return [];
    return [{ party: partyId(id), meter, pv: pv ?? null, creditLine: line, ...behind, ...bids }];
  });
}

function deviceTwice(device: string, other: string) {
  const what = `"${device}" already belongs to ${other}`;
  return { code: "DEVICE_USED_TWICE", what, mend: "give each place a device of its own" };
}

function checkHomeName(reading: GatewayReading, path: YamlPath, id: string, names: Set<string>): void {
  if (names.has(id)) {
    complain(reading, path, { code: "HOME_TWICE", what: `"${id}" stands for two parties`, mend: "rename one of them" });
  }
  names.add(id);
  const longest = identifierAt(reading, path, id);
  if (longest === null || isIdentifier(id + "-".repeat(AGENT_SUFFIX_LENGTH_MAX))) return;
  const what = `"${id}" leaves no room for the names of its agents`;
  complain(reading, path, { code: "NAME_TOO_LONG", what, mend: `shorten it by ${AGENT_SUFFIX_LENGTH_MAX} characters` });
}

/** Whether `device` is there and counts what settlement needs. A device with a problem of its own is not looked at. */
function checkMeter(
  reading: GatewayReading,
  path: YamlPath,
  device: string,
  devices: readonly DeviceConfig[],
  points: readonly PairName[],
): void {
  const names = reading.file.devices.map(({ id }) => id);
  if (!names.includes(device)) {
    const mend = suggest(device, [...names].sort(compareText));
    complain(reading, path, { code: "DEVICE_UNKNOWN", what: `there is no device "${device}"`, mend });
    return;
  }
  const found = devices.find(({ id }) => id === device);
  if (found === undefined) return;
  const complaint = lackOf(device, meterSpec(found), points);
  if (complaint !== null) complain(reading, path, complaint);
}

/** Whether the counters of all meters that are settled by are fine enough, or can be helped. */
function checkCounters(reading: GatewayReading, devices: readonly DeviceConfig[], slotMs: number): void {
  const { homes, supplier } = reading.file;
  const check = (path: YamlPath, id: string, count: number): void => {
    const device = devices.find((each) => each.id === id);
    if (device === undefined) return;
    const complaint = coarsenessOf(judgeCounters(id, meterSpec(device), slotMs, count));
    if (complaint !== null) complain(reading, path, complaint);
  };
  for (const [index, { meter }] of homes.entries()) check(["homes", index, "meter"], meter, 1);
  if (supplier.meter !== undefined) check(["supplier", "meter"], supplier.meter, homes.length);
}

function readBids(
  reading: GatewayReading,
  path: YamlPath,
  { load = "cap", pvReserve = "feed-in" }: AgentsEntry,
  { auction }: MarketRules,
  { feedIn }: Prices,
): Pick<HomeConfig, "loadLimit" | "pvReserve"> | null {
  if (load === "cap" && auction.priceCap === null) {
    const what = "load bids the price cap, and the market has none";
    const mend = "add market.priceCap, or give agents.load a price";
    return complain(reading, path, { code: "CAP_MISSING", what, mend });
  }
  const bids = {
    load: load === "cap" ? auction.priceCap : priceAt(reading, [...path, "load"], load),
    pvReserve: pvReserve === "feed-in" ? feedIn : priceAt(reading, [...path, "pvReserve"], pvReserve),
  };
  let isSound = true;
  for (const [key, price] of Object.entries(bids)) {
    const complaint = price === null ? null : bandComplaint(price, auction, `agents.${key}`);
    if (complaint !== null) complain(reading, [...path, key], complaint);
    isSound &&= price !== null && complaint === null;
  }
  if (!isSound || bids.load === null || bids.pvReserve === null) return null;
  return { loadLimit: priceMicro(bids.load), pvReserve: priceMicro(bids.pvReserve) };
}
