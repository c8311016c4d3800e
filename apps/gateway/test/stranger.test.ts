/**
 * What somebody meets who has never seen a gateway and makes the usual mistakes: each is told by cause and mend, on the
 * log, in the health, and by the exit code where the process ends; and none of them starts a fresh market.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "@jest/globals";
import type { SimulatorDescription } from "@micromarket/device-simulator";
import { gatewayFile } from "./gateway-text.ts";
import { endAll, fileOfStreet, firstLine, runGatewayCommand, runSimulator, until, type Running } from "./processes.ts";

const LONG = 300_000;

/** A market whose only device nobody answers for. */
const LONELY = `name: street
slot: 15m
market: { currency: EUR, priceFloor: 0 EUR/kWh, priceCap: 1 EUR/kWh }
supplier: { tariff: 0.32 EUR/kWh, feedIn: 0.08 EUR/kWh, importLimit: 100 kW }
data: data
clock: { accelerated: 1800, epoch: "2026-06-01T04:00Z" }
http: { port: 0 }
devices:
  - { id: grid-1, modbus: { host: 127.0.0.1, port: 9, unit: 1, profile: eastron-sdm630 } }
homes:
  - { id: home-1, meter: grid-1 }
`;

afterAll(endAll);

interface Health {
  readonly status: string;
  readonly checks: readonly { readonly name: string; readonly status: string; readonly detail: string }[];
}

async function healthAt(url: string): Promise<Health> {
  return (await (await fetch(`${url}/health`)).json()) as Health;
}

/** The health's word on `name`, once it is no `pass`. */
async function complaintOf(url: string, name: string): Promise<string> {
  let detail = "";
  await until(async () => {
    const check = (await healthAt(url)).checks.find((one) => one.name === name);
    if (check !== undefined && check.status !== "pass") detail = check.detail;
    return detail !== "";
  }, 50);
  return detail;
}

async function stop(gateway: Running): Promise<number | NodeJS.Signals | null> {
  gateway.child.kill("SIGTERM");
  return gateway.ended;
}

/** Health, log and exit code of a gateway that does not start. */
async function diagnosisOf(path: string) {
  const gateway = runGatewayCommand(path);
  const url = await firstLine(gateway);
  const response = await fetch(`${url}/health`);
  const health = await response.text();
  const market = (await fetch(`${url}/api/v1/market`)).status;
  const exit = await stop(gateway);
  return { status: [response.status, market], health, log: gateway.log.join("\n"), exit };
}

describe("a device that does not answer", () => {
  test(
    "because nobody listens, or because the unit is wrong: the market runs, log and health name it",
    async () => {
      const simulator = runSimulator(["--homes", "2", "--speed", "1800", "--publish-every", "60"]);
      const street = JSON.parse(await firstLine(simulator)) as SimulatorDescription;
      const text = fileOfStreet(street, 0)
        .replace("unit: 1,", "unit: 77,")
        .replace(
          "devices:\n",
          "devices:\n  - { id: attic, modbus: { host: 127.0.0.1, port: 9, profile: eastron-sdm630 } }\n",
        );
      const gateway = runGatewayCommand(gatewayFile(text));
      const url = await firstLine(gateway);
      let detail = "";
      await until(async () => {
        detail = await complaintOf(url, "devices");
        return detail.includes("home-1-grid") && detail.includes("attic");
      }, 100);
      expect(detail).toMatch(/home-1-grid: unit 77 (?:does not answer|is not there).*; check modbus\.unit/);
      expect(detail).toMatch(/attic: no connection: .*ECONNREFUSED.*; check power, network, modbus\.host/);
      const log = gateway.log.join("\n");
      expect(log).toMatch(/"device":"home-1-grid".*unit 77.*"mend":"check modbus\.unit/);
      expect(log).toMatch(/"device":"attic".*ECONNREFUSED/);
      expect((await fetch(`${url}/health`)).status).toBe(200);
      expect(await stop(gateway)).toBe(0);
    },
    LONG,
  );

  test(
    "after it had answered: it is said when it goes and when it comes back",
    async () => {
      const simulator = runSimulator(["--homes", "1", "--speed", "1800"]);
      const street = JSON.parse(await firstLine(simulator)) as SimulatorDescription;
      const gateway = runGatewayCommand(gatewayFile(fileOfStreet(street, 0)));
      const url = await firstLine(gateway);
      await until(async () => (await healthAt(url)).checks.some(({ detail }) => detail === "all devices count"));
      simulator.child.stdin?.write('{"fault":"silent","home":"home-1"}\n');
      expect(await complaintOf(url, "devices")).toMatch(/home-1-(?:grid|pv): unit \d does not answer/);
      simulator.child.stdin?.write('{"fault":"clear"}\n');
      await until(() => gateway.log.some((line) => line.includes("the device counts again")));
      expect(await stop(gateway)).toBe(0);
    },
    LONG,
  );
});

describe("a file that is wrong", () => {
  test.each([
    ["importLimit: 100 kW", "importLimit: 100 kWh", /gateway\.yaml:4:\d+: .*100 kWh/],
    ["importLimit: 100 kW", "importLimit: 100", /gateway\.yaml:4:\d+: .*unit/],
    ["unit: 1,", "unit: 300,", /gateway\.yaml:9:\d+: .*300/],
    ["meter: grid-1", "meter: grid-l", /gateway\.yaml:11:\d+: .*did you mean "grid-1"/],
  ])(
    "%s → %s",
    async (from, to, problem) => {
      const path = gatewayFile(LONELY.replace(from, to));
      const { status, health, log, exit } = await diagnosisOf(path);
      expect({ status, exit }).toEqual({ status: [503, 503], exit: 3 });
      expect((JSON.parse(health) as Health).checks[0]?.detail).toMatch(problem);
      expect(log).toMatch(/"level":50.*"mend":"[^"]{4,}/);
      expect(existsSync(join(dirname(path), "data"))).toBe(false);
    },
    LONG,
  );

  test(
    "spoiled after a day's work leaves the journal as it was",
    async () => {
      const path = gatewayFile(LONELY);
      const first = runGatewayCommand(path);
      await firstLine(first);
      expect(await stop(first)).toBe(0);
      const journal = join(dirname(path), "data", "journal.sqlite");
      const before = readFileSync(journal);
      writeFileSync(path, LONELY.replace("slot: 15m", "slot: 15 minutes"));
      expect((await diagnosisOf(path)).exit).toBe(3);
      expect(readFileSync(journal).equals(before)).toBe(true);
    },
    LONG,
  );
});

test(
  "a port in use ends the process, which says whose fault it is and what to do",
  async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    const gateway = runGatewayCommand(gatewayFile(LONELY.replace("port: 0 }", `port: ${port} }`)));
    expect(await gateway.ended).toBe(1);
    other.close();
    expect(gateway.log.join("\n")).toMatch(
      new RegExp(`${port}.*stop the program that has the port, or change http.port`),
    );
  },
  LONG,
);

/** Why nothing can be mounted here; `null` where it can. */
function whyNoMount(): string | null {
  const folder = dirname(gatewayFile(""));
  const { status, stderr, error } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], {
    encoding: "utf8",
  });
  if (status === 0) spawnSync("umount", [folder]);
  return status === 0 ? null : (error?.message ?? stderr.trim().split("\n")[0] ?? "");
}

const noMount = whyNoMount();
const withMount = noMount === null || process.env["CI"] === "true" ? test : test.skip;
const remark = noMount === null ? "" : ` (${noMount}; run: sudo npm run jest -- apps/gateway/test/stranger)`;

describe(`a disk${remark}`, () => {
  const mounted: string[] = [];
  afterEach(async () => {
    await endAll();
    for (const folder of mounted.splice(0).reverse()) spawnSync("umount", [folder]);
  });

  function mount(...args: string[]): void {
    expect(spawnSync("mount", args, { encoding: "utf8" })).toMatchObject({ status: 0 });
  }

  /** A gateway's file whose data folder is a disk of its own. */
  function fileOnDisk(): { readonly path: string; readonly disk: string } {
    const path = gatewayFile(LONELY);
    const disk = join(dirname(path), "data");
    mkdirSync(disk);
    mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", disk);
    mounted.push(disk);
    return { path, disk };
  }

  withMount(
    "whose folder is read-only",
    async () => {
      const { path, disk } = fileOnDisk();
      mount("-o", "remount,ro", disk);
      const { status, health, log, exit } = await diagnosisOf(path);
      expect({ status, exit }).toEqual({ status: [503, 503], exit: 1 });
      expect(health).toMatch(/read-only.*mount it for writing/);
      expect(log).toMatch(/read-only.*mount it for writing/);
    },
    LONG,
  );

  withMount(
    "whose journal is read-only",
    async () => {
      const path = gatewayFile(LONELY);
      const first = runGatewayCommand(path);
      await firstLine(first);
      expect(await stop(first)).toBe(0);
      const journal = join(dirname(path), "data", "journal.sqlite");
      const before = readFileSync(journal);
      mount("--bind", journal, journal);
      mounted.push(journal);
      mount("-o", "remount,ro,bind", journal);
      const { health, log, exit } = await diagnosisOf(path);
      expect(exit).toBe(1);
      expect(health).toMatch(/read-only/);
      expect(log).toMatch(/"code":"JOURNAL_READ_ONLY".*read-only/);
      expect(readFileSync(journal).equals(before)).toBe(true);
    },
    LONG,
  );

  withMount(
    "that is full at the start",
    async () => {
      const { path, disk } = fileOnDisk();
      spawnSync("dd", ["if=/dev/zero", `of=${join(disk, "filler")}`, "bs=4k"]);
      const { health, log, exit } = await diagnosisOf(path);
      expect(exit).toBe(1);
      expect(health).toMatch(/disk is full.*free some space/);
      expect(log).toMatch(/disk is full.*free some space/);
    },
    LONG,
  );

  withMount(
    "that fills up while the market runs: trading stops, and goes on after a restart with space",
    async () => {
      const { path, disk } = fileOnDisk();
      const gateway = runGatewayCommand(path);
      const url = await firstLine(gateway);
      spawnSync("dd", ["if=/dev/zero", `of=${join(disk, "filler")}`, "bs=4k"]);
      let detail = "";
      await until(async () => {
        detail = await complaintOf(url, "store"); // the archive of orders may be the first to find no space
        return detail.includes("trading has stopped");
      }, 50);
      expect(detail).toMatch(/trading has stopped: .*disk is full.*free some space, then start again/);
      expect(detail).not.toContain(disk);
      expect((await fetch(`${url}/health`)).status).toBe(503);
      expect(await stop(gateway)).toBe(1);
      expect(gateway.log.join("\n")).toMatch(/"level":50.*disk is full.*the market node has failed/);
      spawnSync("rm", [join(disk, "filler")]);
      const again = runGatewayCommand(path);
      expect((await healthAt(await firstLine(again))).checks.find(({ name }) => name === "store")?.status).toBe("pass");
      expect(await stop(again)).toBe(0);
    },
    LONG,
  );
});
