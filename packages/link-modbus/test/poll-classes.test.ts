/** How often each class of points is asked for, and what stands in between; who a device is, asked after each connect. */
import { describe, expect, test } from "@jest/globals";
import { fail, instantMs, ok } from "@micromarket/kernel";
import { ModbusDevice, readProfile, type DeviceProfile, type LinkFailure, type ReadRequest } from "../src/index.ts";
import { linkTo, rawServer } from "./open-ends.ts";
import { HEAD } from "./profile-text.ts";
import { exceptionFrame, frame } from "./raw-server.ts";

const LINK = "link: { framing: [tcp], unit: 1, word_order: big, max_registers: 20 }\nmax_age_s: 9\n";
const POINTS = `points:
  power_w: { function: 3, address: 10, type: uint16 }
  voltage_mv: { function: 3, address: 20, type: uint16, poll: normal }
  temperature_mc: { function: 3, address: 30, type: uint16, poll: slow }
  rating_w: { function: 3, address: 40, type: uint16, poll: static }
`;
const DAY_MS = 86_400_000;

function profileOf(text: string): DeviceProfile {
  const read = readProfile(`${HEAD}${LINK}${text}`, "x.yaml");
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

/** A device whose registers hold their own address. */
class Source {
  connects = 1;
  failure: (address: number) => LinkFailure | null = () => null;
  readonly asked: number[] = [];

  read({ address }: ReadRequest) {
    this.asked.push(address);
    const failure = this.failure(address);
    return Promise.resolve(failure === null ? ok([address]) : fail(failure));
  }

  /** What was asked since the last call. */
  take(): number[] {
    return this.asked.splice(0);
  }
}

async function valuesOf(device: ModbusDevice, at: number): Promise<readonly (number | string)[]> {
  const { readings } = await device.poll(() => instantMs(at));
  return readings.map(({ value }) => (value.kind === "value" ? value.value : value.reason));
}

describe("classes", () => {
  const meter = (): { link: Source; device: ModbusDevice } => {
    const link = new Source();
    return { link, device: new ModbusDevice({ device: "d", link, profile: profileOf(POINTS) }) };
  };

  test("fast each poll, normal each third, slow each thirtieth, static once; what was not asked keeps its time", async () => {
    const { link, device } = meter();
    const counts = new Map<number, number>();
    for (let poll = 0; poll < 61; poll++) {
      const { readings } = await device.poll(() => instantMs(1_000 * poll));
      expect(readings.map(({ value }) => value.kind === "value" && value.value)).toEqual([10, 20, 30, 40]);
      expect(readings.map(({ at }) => at)).toEqual(
        [poll, poll - (poll % 3), poll - (poll % 30), 0].map((n) => 1_000 * n),
      );
      for (const address of link.take()) counts.set(address, (counts.get(address) ?? 0) + 1);
    }
    expect([...counts]).toEqual([
      [10, 61],
      [20, 21],
      [30, 3],
      [40, 1],
    ]);
  });

  test("static again when a day has passed, and after a reconnect", async () => {
    const { link, device } = meter();
    await valuesOf(device, 0);
    await valuesOf(device, DAY_MS - 1);
    link.take();
    await valuesOf(device, DAY_MS);
    expect(link.take()).toContain(40);
    link.connects = 2;
    await valuesOf(device, DAY_MS);
    expect(link.take()).toContain(40);
    await valuesOf(device, DAY_MS);
    expect(link.take()).not.toContain(40);
  });

  test("a class that failed is missing, and asked again in the next poll", async () => {
    const { link, device } = meter();
    await valuesOf(device, 0);
    await valuesOf(device, 1);
    await valuesOf(device, 2);
    link.failure = (address) => (address === 20 ? { code: "EXCEPTION", exception: 6 } : null);
    expect(await valuesOf(device, 3)).toEqual([10, "device-silent", 30, 40]);
    expect(await valuesOf(device, 4)).toEqual([10, "device-silent", 30, 40]);
    link.failure = () => null;
    link.take();
    expect(await valuesOf(device, 5)).toEqual([10, 20, 30, 40]);
    expect(link.take()).toEqual([10, 20]);
  });

  test("a silent device keeps nothing, and is asked for everything when it is back", async () => {
    const { link, device } = meter();
    await valuesOf(device, 0);
    link.failure = () => ({ code: "TIMEOUT" });
    link.take();
    expect(await valuesOf(device, 1)).toEqual(Array(4).fill("device-silent"));
    expect(link.take()).toEqual([10]);
    link.failure = () => null;
    expect(await valuesOf(device, 2)).toEqual([10, 20, 30, 40]);
    expect(link.take()).toEqual([10, 20, 30, 40]);
  });
});

describe("who a device is", () => {
  const identify = (check: string): DeviceProfile => profileOf(`identify: [{ what: a test, ${check} }]\n${POINTS}`);
  const device = (link: Source, check = "function: 3, address: 11, one_of: [11]"): ModbusDevice =>
    new ModbusDevice({ device: "d", link, profile: identify(check) });

  test("is asked once a connection, and again after a failure that is no refusal", async () => {
    const link = new Source();
    const meter = device(link);
    const asks = async (): Promise<boolean> => {
      await valuesOf(meter, 0);
      return link.take().includes(11);
    };
    expect([await asks(), await asks()]).toEqual([true, false]);
    link.connects = 2;
    expect([await asks(), await asks()]).toEqual([true, false]);
    link.failure = (address) => (address === 10 ? { code: "EXCEPTION", exception: 2 } : null);
    expect([await asks(), await asks()]).toEqual([false, false]);
    link.failure = (address) => (address === 10 ? { code: "EXCEPTION", exception: 11 } : null);
    expect([await asks(), await asks()]).toEqual([false, true]);
  });

  test("is not known where it does not say: silent, and nothing else is asked", async () => {
    const link = new Source();
    const meter = device(link);
    link.failure = () => ({ code: "EXCEPTION", exception: 11 });
    expect(await valuesOf(meter, 0)).toEqual(Array(4).fill("device-silent"));
    expect([link.take(), meter.failure]).toEqual([[11], { code: "EXCEPTION", exception: 11 }]);
  });

  test.each([
    ["function: 3, address: 11, min: 12", "a test: register 11 holds 11, not 12 or more"],
    ["function: 3, address: 11, max: 10", "a test: register 11 holds 11, not 10 or less"],
    ["function: 3, address: 11, min: 1, max: 2", "a test: register 11 holds 11, not 1 to 2"],
    ["function: 3, address: 16705, starts_with: AC", 'a test: register 16705 says "AA", not "AC"'],
    ["function: 3, address: 11, starts_with: A", 'a test: register 11 says "??", not "A"'],
  ])("%s", async (check, detail) => {
    const meter = device(new Source(), check);
    expect(await valuesOf(meter, 0)).toEqual(Array(4).fill("not-reported"));
    expect(meter.failure).toEqual({ code: "ANOTHER_DEVICE", detail });
  });

  test("over a socket: the meter that was put in its place while the line was cut is refused, and the right one read", async () => {
    let model = 11;
    const server = await rawServer({
      onAsked: (asked) => asked.socket.write(frame("tcp", asked, [asked.address === 11 ? model : asked.address])),
    });
    const link = linkTo(server.port);
    const meter = new ModbusDevice({ device: "d", link, profile: identify("function: 3, address: 11, one_of: [11]") });
    expect(await valuesOf(meter, 0)).toEqual([10, 20, 30, 40]);
    model = 12;
    server.asked.at(-1)?.socket.resetAndDestroy();
    while (link.connects < 2) await new Promise((resolve) => void setTimeout(resolve, 5));
    expect(await valuesOf(meter, 1)).toEqual(Array(4).fill("not-reported"));
    model = 11;
    expect(await valuesOf(meter, 2)).toEqual([10, 20, 30, 40]);
  });
});

test("requests, timeouts, exceptions and waiting are counted for the link and for each unit", async () => {
  const server = await rawServer({
    onAsked: (asked) => {
      if (asked.unit === 3) return;
      asked.socket.write(asked.unit === 2 ? exceptionFrame("tcp", asked, 6) : frame("tcp", asked, [7]));
    },
  });
  const link = linkTo(server.port);
  const ask = (unit: number, timeoutMs = 20_000) => link.read({ unit, function: 3, address: 1, count: 1, timeoutMs });
  await Promise.all([ask(1), ask(1), ask(2), ask(3, 50)]);
  await link.read({ unit: 999, function: 3, address: 1, count: 1 });
  const all = { requests: 4, answers: 2, timeouts: 1, exceptions: { 6: 1 }, softFailures: 1 };
  expect(link.metrics).toMatchObject({ ...all, failures: { EXCEPTION: 1, TIMEOUT: 1, REQUEST_INVALID: 1 } });
  const none = { requests: 0, answers: 0, timeouts: 0, exceptions: {}, lastAnswerAt: null, lastGoodAt: null };
  const good = expect.any(Number) as unknown;
  expect(link.unitMetrics(1)).toMatchObject({ ...none, requests: 2, answers: 2, lastAnswerAt: good, lastGoodAt: good });
  expect(link.unitMetrics(2)).toMatchObject({ ...none, requests: 1, exceptions: { 6: 1 }, lastAnswerAt: good });
  expect(link.unitMetrics(3)).toMatchObject({ ...none, requests: 1, timeouts: 1 });
  expect(link.unitMetrics(4)).toMatchObject(none);
  const waits = [1, 2, 3].map((unit) => link.unitMetrics(unit).queueWaitMsSum);
  expect(waits.reduce((sum, wait) => sum + wait)).toBeCloseTo(link.metrics.queueWaitMsSum, 6);
});
