/** Devices read by their profile: every point a value or a reason, and nothing old. */
import { describe, expect, test } from "@jest/globals";
import { fail, instantMs, measured, missing, ok, type InstantMs } from "@micromarket/kernel";
import {
  ModbusDevice,
  readProfile,
  type AllZero,
  type DeviceProfile,
  type LinkFailure,
  type ReadRequest,
} from "../src/index.ts";
import { linkTo, rawServer } from "./open-ends.ts";
import { HEAD } from "./profile-text.ts";
import { exceptionFrame, frame } from "./raw-server.ts";

const POINTS = ["power_w", "voltage_mv", "current_ma", "frequency_mhz"];

/** Four uint16 points at the given addresses, read in one request where the device lets us. */
function profileAt(...addresses: readonly number[]): DeviceProfile {
  const points = addresses.map(
    (address, index) => `  ${POINTS[index]}: { function: 4, address: ${address}, type: uint16 }`,
  );
  const read = readProfile(
    `${HEAD}link: { framing: [tcp], unit: 7, word_order: big, max_registers: 100, max_gap_registers: 50, gap_ms: 3, ` +
      `connect_delay_ms: 4, timeout_ms: 400 }\nmax_age_s: 9\n` +
      `points:\n${points.join("\n")}\n`,
    "x.yaml",
  );
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

/** Registers that are there hold their own address; a read that touches another one is refused. */
function sparse(present: ReadonlySet<number>, failure: () => LinkFailure | null = () => null) {
  const requests: ReadRequest[] = [];
  return {
    requests,
    // eslint-disable-next-line @typescript-eslint/require-await -- the form of a link
    read: async (request: ReadRequest) => {
      requests.push(request);
      const failed = failure();
      if (failed !== null) return fail(failed);
      const addresses = Array.from({ length: request.count }, (_, index) => request.address + index);
      const isThere = addresses.every((address) => present.has(address));
      return isThere ? ok(addresses) : fail({ code: "EXCEPTION", exception: 2 } as const);
    },
  };
}

const clock = (): (() => InstantMs) => {
  let ticks = 0;
  return () => instantMs(++ticks);
};
const valuesOf = async (device: ModbusDevice): Promise<unknown[]> =>
  (await device.poll(clock())).readings.map(({ value }) => (value.kind === "value" ? value.value : value.reason));

describe("a poll", () => {
  test("asks as the profile says, and answers in the order of the profile", async () => {
    const link = sparse(new Set(Array.from({ length: 100 }, (_, index) => index)));
    const device = new ModbusDevice({ device: "meter-1", link, profile: profileAt(30, 10, 20, 61) });
    expect(await device.poll(clock())).toEqual({
      device: "meter-1",
      readings: POINTS.map((point, index) => ({ point, value: measured([30, 10, 20, 61][index]), at: 1 })),
    });
    const wishes = { timeoutMs: 400, gapMs: 3, connectDelayMs: 4 };
    expect(link.requests).toEqual([{ unit: 7, function: 4, address: 10, count: 52, ...wishes }]);
  });

  test("a gap in the device's map is found once, and remembered", async () => {
    const link = sparse(new Set([10, 11, 12, 40]));
    const device = new ModbusDevice({ device: "m", link, profile: profileAt(10, 11, 12, 40), unit: 2 });
    expect(await valuesOf(device)).toEqual([10, 11, 12, 40]);
    const first = link.requests.splice(0).length;
    expect(await valuesOf(device)).toEqual([10, 11, 12, 40]);
    expect([first, link.requests.map(({ unit, address, count }) => [unit, address, count])]).toEqual([
      5,
      [
        [2, 10, 2],
        [2, 12, 1],
        [2, 40, 1],
      ],
    ]);
  });

  test("a register that is not there is not reported; the others are values", async () => {
    const link = sparse(new Set([10, 12, 13]));
    const device = new ModbusDevice({ device: "m", link, profile: profileAt(10, 11, 12, 13) });
    for (let poll = 0; poll < 3; poll++) expect(await valuesOf(device)).toEqual([10, "not-reported", 12, 13]);
    expect(device.blocks.map(({ address }) => address)).toEqual([10, 11, 12]);
  });

  test("a device that refuses everything for a while is not split for ever", async () => {
    const present = new Set<number>();
    const device = new ModbusDevice({ device: "m", link: sparse(present), profile: profileAt(10, 11, 12, 13) });
    expect(await valuesOf(device)).toEqual(Array(4).fill("not-reported"));
    for (const address of [10, 11, 12, 13]) present.add(address);
    expect(await valuesOf(device)).toEqual([10, 11, 12, 13]);
    expect(device.blocks).toHaveLength(1);
  });

  test.each<LinkFailure>([
    { code: "TIMEOUT" },
    { code: "CONNECTION_LOST", detail: "" },
    { code: "REPLY_INVALID", fault: "unit", detail: "" },
    { code: "EXCEPTION", exception: 4 },
    { code: "EXCEPTION", exception: 11 },
    { code: "LINK_CLOSED" },
  ])("%j: every point is missing, nothing is 0 and nothing is old", async (failure) => {
    let present: LinkFailure | null = null;
    const link = sparse(new Set([10, 90]), () => present);
    const device = new ModbusDevice({ device: "m", link, profile: profileAt(10, 90) });
    expect(await valuesOf(device)).toEqual([10, 90]);
    present = failure;
    const silent = await device.poll(clock());
    expect(silent.readings.map(({ value }) => value)).toEqual([missing("device-silent"), missing("device-silent")]);
    present = null;
    expect(await valuesOf(device)).toEqual([10, 90]);
  });

  test("a device that does not answer is asked once a poll, not once a block", async () => {
    const link = sparse(new Set(), () => ({ code: "TIMEOUT" }));
    const device = new ModbusDevice({ device: "m", link, profile: profileAt(10, 80, 200, 400) });
    expect(device.blocks).toHaveLength(4);
    expect(await valuesOf(device)).toEqual(Array(4).fill("device-silent"));
    expect(link.requests).toHaveLength(1);
  });
});

describe("answers of nothing but zeros, where the profile says that they are none", () => {
  const device = (
    addresses: readonly number[],
    words: ReadonlyMap<number, number>,
    allZero: AllZero = "missing",
    never: number | null = null,
  ) => {
    const { points, ...rest } = profileAt(...addresses);
    const valid = { min: 1, max: 0xffff };
    const profile = {
      ...rest,
      allZero,
      points: points.map((point) => (point.address === never ? { ...point, valid } : point)),
    };
    return new ModbusDevice({
      device: "m",
      profile,
      link: {
        read: ({ address, count }) =>
          Promise.resolve(ok(Array.from({ length: count }, (_, index) => words.get(address + index) ?? 0))),
      },
    });
  };
  const none = "out-of-range";

  test.each<[string, readonly number[], readonly (readonly [number, number])[], readonly unknown[]]>([
    ["several points in one answer", [10, 11, 200], [[200, 7]], [none, none, 7]],
    ["all points of a poll, each alone", [10, 200], [], [none, none]],
    ["one point alone is a value", [10, 200], [[200, 7]], [0, 7]],
    ["points each alone beside one that is not", [10, 200, 400], [[400, 7]], [0, 0, 7]],
    ["a zero beside an answer of zeros", [10, 11, 200, 400], [[400, 7]], [none, none, none, 7]],
    ["an answer that is not all zeros", [10, 11], [[11, 7]], [0, 7]],
  ])("%s", async (_name, addresses, words, expected) => {
    expect(await valuesOf(device(addresses, new Map(words)))).toEqual(expected);
  });

  test.each<[string, readonly number[], readonly (readonly [number, number])[], readonly unknown[]]>([
    ["that cannot be 0, and is: neither are its neighbours", [10, 11, 200, 400], [[400, 7]], [none, none, none, 7]],
    ["that cannot be 0, and is not: zeros are values", [10, 11, 200, 400], [[200, 7]], [0, 0, 7, 0]],
  ])("suspect, beside a point %s", async (_name, addresses, words, expected) => {
    expect(await valuesOf(device(addresses, new Map(words), "suspect", 200))).toEqual(expected);
  });

  test("are values where it does not", async () => {
    const link = { read: ({ count }: ReadRequest) => Promise.resolve(ok(Array<number>(count).fill(0))) };
    expect(await valuesOf(new ModbusDevice({ device: "m", link, profile: profileAt(10, 11) }))).toEqual([0, 0]);
  });
});

test("over a socket: a device that goes silent half-way is missing from there on, and comes back", async () => {
  let isSilent = false;
  const server = await rawServer({
    onAsked: (asked) => {
      if (isSilent && asked.address === 80) return;
      const isThere = asked.address + asked.count <= 300;
      asked.socket.write(isThere ? frame("tcp", asked, [asked.address]) : exceptionFrame("tcp", asked, 2));
    },
  });
  const link = linkTo(server.port);
  const profile = profileAt(10, 80, 200, 400);
  const device = new ModbusDevice({ device: "m", link, profile });
  expect(await valuesOf(device)).toEqual([10, 80, 200, "not-reported"]);
  isSilent = true;
  expect(await valuesOf(device)).toEqual([10, ...Array<string>(3).fill("device-silent")]);
  isSilent = false;
  expect(await valuesOf(device)).toEqual([10, 80, 200, "not-reported"]);
});
