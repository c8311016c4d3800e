import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { loadGatewayFile } from "../src/gateway-file.ts";
import { gatewaySchemaText } from "../src/gateway-schema.ts";
import { GATEWAY, gatewayFile } from "./gateway-text.ts";

const PUBLISHED = fileURLToPath(new URL("../schema/gateway.schema.json", import.meta.url));

test("the published schema is the one in use; UPDATE_SCHEMA=1 writes it anew", () => {
  if (process.env["UPDATE_SCHEMA"] === "1") writeFileSync(PUBLISHED, gatewaySchemaText());
  expect(readFileSync(PUBLISHED, "utf8")).toBe(gatewaySchemaText());
});

test("a right file is read with its units and defaults", () => {
  const path = gatewayFile(GATEWAY);
  const loaded = loadGatewayFile(path, { env: {} });
  expect(loaded).toMatchObject({
    ok: true,
    value: {
      rules: { market: "street", slotLength: 900_000, gateLead: 300_000, residual: { importLimit: 25_000 } },
      prices: { tariff: 320_000, feedIn: 80_000 },
      dataDirectory: join(dirname(path), "data"),
      clock: { kind: "real", trust: "unchecked" },
      http: { host: "127.0.0.1", port: 0, token: null },
      devices: [
        {
          ...{ id: "grid-1", link: "modbus", poll: 1_000, unit: 1, control: [] },
          target: { host: "127.0.0.1", port: 1502, framing: "tcp", tls: null },
        },
        { id: "pv-1", poll: 10_000 },
        { id: "grid-2", link: "mqtt", topicId: "shellypro3em-2", username: null },
      ],
      homes: [
        { party: "home-1", meter: "grid-1", pv: "pv-1", loadLimit: 1_000_000, pvReserve: 80_000 },
        { party: "home-2", meter: "grid-2", pv: null, loadLimit: 500_000, pvReserve: 100_000 },
      ],
      tieMeter: null,
    },
  });
});

test("backups and retention are read with their defaults", () => {
  const read = (more: string) => {
    const path = gatewayFile(GATEWAY.replace("data: data", `data: data\n${more}`));
    const loaded = loadGatewayFile(path, { env: {} });
    return loaded.ok ? { ...loaded.value.journal, folder: dirname(path) } : loaded.error;
  };
  expect(read("")).toMatchObject({ backup: null, retentionMs: null });
  expect(read("backup: { directory: /mnt/usb, every: 6h, keep: 3 }\nretention: 730d")).toMatchObject({
    backup: { directory: "/mnt/usb", everyMs: 21_600_000, keep: 3 },
    retentionMs: 730 * 86_400_000,
  });
  const byDefault = read("backup: { directory: backup }") as { folder: string };
  expect(byDefault).toMatchObject({
    backup: { directory: join(byDefault.folder, "backup"), everyMs: 86_400_000, keep: 7 },
  });
});

test("a token comes from the environment or a file, and opens other addresses", () => {
  const text = GATEWAY.replace("port: 0", 'port: 0\n  host: 0.0.0.0\n  token: "${env:TOKEN}"');
  const token = "0123456789abcdef";
  expect(loadGatewayFile(gatewayFile(text), { env: { TOKEN: token } })).toMatchObject({ value: { http: { token } } });
  const path = gatewayFile(text.replace('"${env:TOKEN}"', "file:secret"));
  writeFileSync(join(dirname(path), "secret"), `${token}\n`);
  expect(loadGatewayFile(path)).toMatchObject({ value: { http: { host: "0.0.0.0", token } } });
});

describe("settlement", () => {
  const text = GATEWAY.replace(
    "  priceCap: 1 EUR/kWh\n",
    `  priceCap: 1 EUR/kWh
  settlement:
    funding: { creditLine: { collateral: 0.25 } }
    bond: 0.05
    imbalance: { penalty: 0.1 }
    levies: { grid-fee: 0.09 EUR/kWh, tax: 20 EUR/MWh }
    readingsDue: 30m
`,
  )
    .replace("meter: grid-1, pv: pv-1", "meter: grid-1, pv: pv-1, creditLine: 20.5 EUR")
    .concat("deposits:\n  - { home: home-2, amount: 50 EUR, reference: bank 17 }\n");

  test("is read with its defaults, and with who has paid and is lent", () => {
    expect(loadGatewayFile(gatewayFile(text))).toMatchObject({
      ok: true,
      value: {
        rules: {
          settlement: {
            funding: { kind: "credit-line", collateral: 250_000 },
            bond: 50_000,
            imbalance: { kind: "penalty", share: 100_000 },
            levies: [
              { name: "grid-fee", price: 90_000 },
              { name: "tax", price: 20_000 },
            ],
            readingsDue: 1_800_000,
            trueUp: 60 * 86_400_000,
          },
        },
        homes: [{ creditLine: 20_500_000_000n }, { creditLine: null }],
        deposits: [{ party: "home-2", amount: 50_000_000_000n, reference: "bank 17" }],
      },
    });
  });

  test.each([
    ["funding: { creditLine: { collateral: 0.25 } }", "funding: { mutual: { limit: 5 EUR } }", "CREDIT_NOT_RULED"],
    ["funding: { creditLine: { collateral: 0.25 } }", "funding: { mutual: { limit: -5 EUR } }", "AMOUNT_NEGATIVE"],
    ["collateral: 0.25", "collateral: 0.1234567", "NUMBER_TOO_PRECISE"],
    ["collateral: 0.25", "collateral: 1.5", "VALUE_OUT_OF_RANGE"],
    ["  priceFloor: 0 EUR/kWh\n", "", "SETTLEMENT_NEEDS_BAND"],
    ["20 EUR/MWh", "-20 EUR/MWh", "LEVY_NEGATIVE"],
    ["20 EUR/MWh", "20 USD/MWh", "UNIT_WRONG"],
    ["readingsDue: 30m", "readingsDue: 61d", "TRUE_UP_BEFORE_ESTIMATE"],
    ["creditLine: 20.5 EUR", "creditLine: -1 EUR", "AMOUNT_OUT_OF_RANGE"],
    ["amount: 50 EUR", "amount: 0 EUR", "AMOUNT_OUT_OF_RANGE"],
    ["amount: 50 EUR", "amount: 50 USD", "UNIT_WRONG"],
    ["home: home-2, amount", "home: home-3, amount", "HOME_UNKNOWN"],
    [
      "reference: bank 17 }\n",
      "reference: a }\n  - { home: home-1, amount: 1 EUR, reference: a }\n",
      "REFERENCE_TWICE",
    ],
  ])("%s → %s", (from, to, code) => {
    expect(text).toContain(from);
    expect(loadGatewayFile(gatewayFile(text.replace(from, to)))).toMatchObject({
      ok: false,
      error: expect.arrayContaining([expect.objectContaining({ code })]),
    });
  });
});

describe("how devices are reached", () => {
  const TLS = "tls: { ca: ca.pem, certificate: own.pem, key: own.key }";
  const PEMS = {
    "ca.pem": "-----BEGIN CERTIFICATE-----\nca",
    "own.pem": "-----BEGIN CERTIFICATE-----\nown",
    "own.key": "-----BEGIN EC PRIVATE KEY-----\nkey",
  };
  const read = (from: string, to: string) => {
    expect(GATEWAY).toContain(from);
    const path = gatewayFile(GATEWAY.replaceAll(from, to));
    for (const [name, text] of Object.entries(PEMS)) writeFileSync(join(dirname(path), name), text);
    return loadGatewayFile(path, { env: {} });
  };
  const HOST = "host: 127.0.0.1, port: 1502";
  const [ca, cert, key] = Object.values(PEMS);

  test("a serial line has a speed, a parity and stop bits", () => {
    const target = { path: "/dev/ttyUSB0", framing: "rtu", baudRate: 9_600, parity: "none", stopBits: 1 };
    expect(read(HOST, "serial: /dev/ttyUSB0")).toMatchObject({ value: { devices: [{ target }, { target }, {}] } });
    expect(read(HOST, "serial: /dev/ttyUSB0, baud: 38400, parity: even, stopBits: 2")).toMatchObject({
      value: { devices: [{ target: { ...target, baudRate: 38_400, parity: "even", stopBits: 2 } }, {}, {}] },
    });
  });

  test("TLS comes from PEM files, and has a port of its own", () => {
    expect(read(HOST, `host: inverter.lan, ${TLS}`)).toMatchObject({
      value: { devices: [{ target: { host: "inverter.lan", port: 802, tls: { ca, cert, key } } }, {}, {}] },
    });
    expect(read('broker: "mqtt://127.0.0.1:1883"', `broker: "mqtts://127.0.0.1:8883", ${TLS}`)).toMatchObject({
      value: { devices: [{}, {}, { broker: "mqtts://127.0.0.1:8883", tls: { ca, cert, key } }] },
    });
  });

  test("what may be written is named device by device", () => {
    expect(read("poll: 1s", "poll: 1s\n    control: [limit_generation_ppm, setpoint_power_w]")).toMatchObject({
      value: { devices: [{ control: ["limit_generation_ppm", "setpoint_power_w"] }, { control: [] }, {}] },
    });
  });

  test.each([
    [HOST, `${HOST}, serial: /dev/ttyUSB0`, "TARGET_TWICE"],
    [`${HOST}, unit: 2`, "unit: 2", "TARGET_MISSING"],
    [HOST, `${HOST}, parity: even`, "KEY_MISPLACED"],
    [HOST, "serial: /dev/ttyUSB0, port: 502", "KEY_MISPLACED"],
    [HOST, `serial: /dev/ttyUSB0, ${TLS}`, "KEY_MISPLACED"],
    [`${HOST}, unit: 2`, `${HOST}, baud: 19200, unit: 2`, "LINE_CONFLICT"],
    [HOST, `host: a, ${TLS.replace("ca.pem", "none.pem")}`, "PEM_UNREADABLE"],
    [HOST, `host: a, ${TLS.replace("own.key", "own.pem")}`, "PEM_UNFIT"],
    ['broker: "mqtt://127.0.0.1:1883"', `broker: "mqtt://127.0.0.1:1883", ${TLS}`, "TLS_UNFIT"],
    ["poll: 1s", "poll: 1s\n    control: [setpoint_power]", "VALUE_UNKNOWN"],
  ])("%s → %s: %s", (from, to, code) => {
    const loaded = read(from, to);
    expect(loaded.ok ? [] : loaded.error.map((problem) => problem.code)).toContain(code);
    expect(JSON.stringify(loaded)).not.toContain("PRIVATE KEY-----");
  });
});

describe("batteries, chargers and limits", () => {
  const text = GATEWAY.replace("poll: 1s", "poll: 1s\n    control: [setpoint_power_w, evse_current_ma]")
    .replace(
      "  - id: grid-2\n",
      `  - id: wallbox-1
    control: [evse_current_ma]
    modbus: { host: 127.0.0.1, port: 1502, unit: 3, profile: eastron-sdm630 }
  - id: grid-2
`,
    )
    .replace(
      "{ id: home-1, meter: grid-1, pv: pv-1 }",
      `id: home-1
    meter: pv-1
    battery: { device: grid-1, capacity: 10 kWh, charge: 5 kW, discharge: 4 kW, efficiency: 0.9 }
    charger: { device: wallbox-1, energy: 20 kWh, by: "07:30", zone: Europe/Berlin, most: 11 kW }
    limits: { import: 14 kW, export: 0 W }`,
    )
    .concat("control: { enabled: true }\n");

  test("are read with their units and defaults", () => {
    expect(loadGatewayFile(gatewayFile(text), { env: {} })).toMatchObject({
      ok: true,
      value: {
        isControlEnabled: true,
        homes: [
          {
            battery: {
              ...{ device: "grid-1", capacity: 10_000, charge: 5_000, discharge: 4_000 },
              ...{ efficiency: 900_000, reserve: 100_000, cycleCost: 0 },
            },
            charger: { energy: 20_000, byMinute: 450, least: 1_380, most: 11_000, limit: 320_000 },
            limits: { import: 14_000, export: 0 },
          },
          { battery: null, charger: null, limits: { import: null, export: null } },
        ],
      },
    });
    expect(loadGatewayFile(gatewayFile(GATEWAY), { env: {} })).toMatchObject({ value: { isControlEnabled: false } });
  });

  test.each([
    ["device: wallbox-1", "device: wallbox-2", "DEVICE_UNKNOWN"],
    ["device: wallbox-1", "device: grid-1", "DEVICE_USED_TWICE"],
    ["control: [evse_current_ma]", "control: [evse_enable]", "CONTROL_LOCKED"],
    ["10 kWh", "10 kW", "VALUE_MALFORMED"],
    ["10 kWh", "0 kWh", "ENERGY_UNFIT"],
    ["charge: 5 kW", "charge: 0.5 W", "POWER_UNFIT"],
    ["efficiency: 0.9", "efficiency: 0", "EFFICIENCY_ZERO"],
    ["efficiency: 0.9", "cycleCost: -1 EUR/kWh", "COST_NEGATIVE"],
    ["most: 11 kW", "most: 1 kW", "RANGE_REVERSED"],
    ['by: "07:30"', 'by: "24:30"', "VALUE_MALFORMED"],
    ["Europe/Berlin", "Europe/Atlantis", "ZONE_UNKNOWN"],
    ["most: 11 kW", "most: 11 kW, limit: 2 EUR/kWh", "PRICE_OUT_OF_BAND"],
    ["export: 0 W", "export: -1 W", "POWER_UNFIT"],
  ])("%s → %s: %s", (from, to, code) => {
    expect(text).toContain(from);
    const loaded = loadGatewayFile(gatewayFile(text.replace(from, to)), { env: {} });
    expect(loaded.ok ? [] : loaded.error.map((problem) => problem.code)).toContain(code);
  });
});

describe("every problem says where, what and how to mend it", () => {
  test.each([
    ["slot: 15m", "slot: 7m", "2:7 SLOT_UNFIT", "7m does not divide a day"],
    ["slot: 15m", "slot: 15", "2:7 UNIT_MISSING", "without a unit"],
    ["slot: 15m", "slots: 15m", "2:1 UNKNOWN_KEY", 'unknown key "slots"'],
    ["data: data", "data: data\nretention: 7d", "12:12 RETENTION_SHORT", "less than page, forecasts"],
    ["data: data", "data: data\nbackup: { directory: b, every: 0m }", "12:32 BACKUP_UNFIT", "every 0"],
    ["currency: EUR", "currency: euro", "4:13 VALUE_MALFORMED", "euro"],
    ["0.32 EUR/kWh", "0.32", "8:11 UNIT_MISSING", "without a unit"],
    ["0.32 EUR/kWh", "0.32 USD/kWh", "8:11 UNIT_WRONG", "not the market's unit"],
    ["0.32 EUR/kWh", "1.32 EUR/kWh", "8:11 PRICE_OUT_OF_BAND", "supplier.tariff"],
    ["0.08 EUR/kWh", "0.42 EUR/kWh", "9:11 FEED_IN_ABOVE_TARIFF", "above the tariff"],
    ["  priceCap: 1 EUR/kWh\n", "", "23:5 CAP_MISSING", "the market has none"],
    ["importLimit: 100 kW", "importLimit: 100 kWh", "10:16 VALUE_MALFORMED", "100 kWh"],
    ["data: data\n", "", "1:1 KEY_MISSING", '"data" is missing'],
    ["{ trust: unchecked }", "{ accelerated: 180, epoch: noon }", "12:35 INSTANT_MALFORMED", '"noon"'],
    ["port: 0", "port: 0\n  host: 0.0.0.0", "15:9 TOKEN_NEEDED", "needs a token"],
    ["port: 0", "port: 0\n  token: ${env:NOBODY}", "15:10 SECRET_MISSING", "NOBODY"],
    ["port: 0", "port: 0\n  token: ${env:SHORT}", "15:10 TOKEN_TOO_SHORT", "6 characters"],
    ["port: 0", "port: 0\n  token: ${env:BLANKS}", "15:10 TOKEN_MALFORMED", "no Authorization header"],
    ["port: 0", 'port: 0\n  allowedHosts: ["market.example:443"]', "15:17 HOST_MALFORMED", "market.example:443"],
    ["port: 0", "port: 0\n  token: hunter2hunter2", "15:10 SECRET_INLINE", "no reference"],
    ["unit: 1, profile: eastron-sdm630", "unit: 1, profile: eastron-sdm631", "18:62 PROFILE_UNKNOWN", "eastron-sdm631"],
    ["unit: 1, profile: eastron-sdm630", "unit: 300, profile: eastron-sdm630", "18:50 VALUE_OUT_OF_RANGE", "300"],
    ["profile: shelly-pro-3em", "profile: none.yaml", "1:1 PROFILE_UNREADABLE", "cannot be read (ENOENT)"],
    ["mqtt://127.0.0.1:1883", "mqtt://me:hunter2@127.0.0.1", "22:21 SECRET_INLINE", "credentials"],
    ["id: grid-2", "id: grid-1", "21:9 DEVICE_TWICE", '"grid-1"'],
    ["poll: 1s", "poll: 0s", "17:11 POLL_UNFIT", "pause"],
    ["poll: 1s", "poll: 10m", "17:11 POLL_UNFIT", "would not be known"],
    ["unit: 2", "unit: 1", "20:13 DEVICE_TWICE", "are one device"],
    ["meter: grid-1", "meter: gird-1", "24:26 DEVICE_UNKNOWN", '"gird-1"'],
    ["pv: pv-1", "pv: grid-1", "24:38 DEVICE_USED_TWICE", '"grid-1"'],
    ["id: home-2", "id: home-1", "25:11 HOME_TWICE", '"home-1"'],
    ["load: 0.5 EUR/kWh", "load: 5 EUR/kWh", "25:50 PRICE_OUT_OF_BAND", "agents.load"],
  ])("%s → %s", (from, to, expected, what) => {
    const loaded = loadGatewayFile(gatewayFile(GATEWAY.replace(from, to)), {
      env: { SHORT: "secret", BLANKS: "a secret of many words" },
    });
    const problems = loaded.ok ? [] : loaded.error;
    expect(problems.map(({ line, column, code }) => `${line}:${column} ${code}`)).toContain(expected);
    const texts = problems.map((problem) => problem.what).join("\n");
    expect(texts).toContain(what);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
    expect(problems.every(({ mend }) => mend.length > 3)).toBe(true);
  });

  test("a meter that counts too coarsely to settle by, and cannot be helped", () => {
    const own = (points: string): string => {
      const path = gatewayFile(GATEWAY.replace("unit: 1, profile: eastron-sdm630", "unit: 1, profile: own.yaml"));
      const shipped = fileURLToPath(
        new URL("../../../packages/link-modbus/profiles/eastron-sdm630.yaml", import.meta.url),
      );
      const coarse = readFileSync(shipped, "utf8").replaceAll("resolution_wh: 10,", "resolution_wh: 100,");
      writeFileSync(join(dirname(path), "own.yaml"), coarse.replace("max_age_s: 60", points));
      return path;
    };
    expect(loadGatewayFile(own("max_age_s: 60"))).toMatchObject({ ok: true });
    expect(loadGatewayFile(own("max_age_s: 600"))).toMatchObject({
      ok: false,
      error: [{ code: "COUNTER_TOO_COARSE", line: 24, what: expect.stringContaining("an error of up to 20 %") }],
    });
  });

  test("a device whose counters are confirmed as they are", () => {
    const text = GATEWAY.replace("    poll: 1s\n", "    poll: 1s\n    direction: as-is\n");
    const devices = [{ isAsIs: true }, { isAsIs: false }, { isAsIs: false }];
    expect(loadGatewayFile(gatewayFile(text))).toMatchObject({ ok: true, value: { devices } });
  });

  test("one topic under two names is one device", () => {
    const twin = `  - { id: grid-3, mqtt: { broker: "mqtt://127.0.0.1:1883", id: shellypro3em-2, profile: shelly-pro-3em } }\n`;
    const loaded = loadGatewayFile(gatewayFile(GATEWAY.replace("homes:\n", `${twin}homes:\n`)));
    expect(loaded).toMatchObject({ ok: false, error: [{ code: "DEVICE_TWICE", line: 23 }] });
  });

  test("ten meters on a bus of 9600 bit/s are asked each five seconds, and not each second", () => {
    const load = (poll: string, more: string) => {
      const meters = Array.from({ length: 10 }, (_, index) => {
        const place = `host: 127.0.0.1, port: 4001, unit: ${index + 1}, ${more}`;
        return `  - { id: m-${index}, poll: ${poll}, modbus: { ${place}, profile: eastron-sdm630 } }\n`;
      });
      const loaded = loadGatewayFile(gatewayFile(GATEWAY.replace("homes:\n", `${meters.join("")}homes:\n`)));
      return loaded.ok ? [] : loaded.error;
    };
    const bus = "framing: rtu-over-tcp";
    const [problem, ...others] = load("1s", bus);
    expect(problem).toMatchObject({ code: "POLL_OVERLOAD", line: 23 });
    expect(problem?.what).toMatch(
      /10 devices take \d+ ms of each poll at 9600 bit\/s, \d+ % .* \(m-0: 24 registers in one /,
    );
    expect(problem?.mend).toMatch(/^poll every 3s or slower, raise the line's baud rate, read fewer points/);
    expect(others).toEqual([]);
    expect(load("5s", bus)).toEqual([]);
    expect(load("1s", `${bus}, baud: 115200`)).toMatchObject([{ code: "POLL_OVERLOAD" }]);
    expect(load("2s", `${bus}, baud: 115200`)).toEqual([]);
    expect(load("1s", "framing: tcp")).toEqual([]);
    expect(load("1s", "framing: tcp, baud: 9600")).toMatchObject([{ code: "POLL_OVERLOAD" }]);
  });

  test("a pause that is too long for a fast clock", () => {
    const fast = GATEWAY.replace("{ trust: unchecked }", '{ accelerated: 600, epoch: "2026-06-01T04:00Z" }');
    const error = [{ code: "POLL_UNFIT", mend: "take poll out: it then follows the clock" }];
    expect(loadGatewayFile(gatewayFile(fast))).toMatchObject({ ok: false, error });
    const loaded = loadGatewayFile(gatewayFile(fast.replace("    poll: 1s\n", "")));
    expect(loaded).toMatchObject({ ok: true, value: { devices: [{ poll: 250 }, { poll: 250 }, { poll: 250 }] } });
  });

  test("a near name is proposed", () => {
    const loaded = loadGatewayFile(gatewayFile(GATEWAY.replace("meter: grid-1", "meter: gird-1")));
    expect(loaded).toMatchObject({ ok: false, error: [{ mend: 'did you mean "grid-1"?' }] });
  });

  test("a file that is not there", () => {
    expect(loadGatewayFile("nowhere.yaml")).toMatchObject({ ok: false, error: [{ line: 1, code: "FILE_MISSING" }] });
  });
});
