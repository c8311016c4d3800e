/** The Modbus side against clients that are none. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { modbusClient, readSdm630, start } from "./started.ts";

async function raw(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** `once` would reject where an error comes before the end; here an error is one of the ways to be cut off. */
function ending(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
  });
}

/** A read of input registers, with its transaction number. */
function request(transaction: number, unit: number, address: number, count: number): Buffer {
  const bytes = Buffer.from([0, 0, 0, 0, 0, 6, unit, 4, 0, 0, 0, 0]);
  bytes.writeUInt16BE(transaction, 0);
  bytes.writeUInt16BE(address, 8);
  bytes.writeUInt16BE(count, 10);
  return bytes;
}

test.each([
  ["no register", 0, 0, 3],
  ["126 registers", 0, 126, 3],
  ["65535 registers", 0, 0xffff, 3],
  ["what lies behind register 65535", 0xffff, 2, 2],
])("%s are refused with an exception, and the connection stays", async (_name, address, count, exception) => {
  const { description } = await start();
  const socket = await raw(description.modbus.port);
  for (const transaction of [1, 2]) {
    socket.write(request(transaction, 1, address, count));
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect([...answer]).toEqual([0, transaction, 0, 0, 0, 3, 1, 0x84, exception]);
  }
  socket.destroy();
});

test("bytes of any kind, in any pieces, disturb nobody else", async () => {
  const simulator = await start({ modbusConnectionsMax: 8 });
  const honest = await modbusClient(simulator, 20_000);
  const right = await readSdm630(honest, 1);
  const frame = fc
    .record({ unit: fc.nat(255), address: fc.nat(0xffff), count: fc.nat(0xffff), cut: fc.nat(20), bent: fc.nat(11) })
    .map(({ unit, address, count, cut, bent }) => {
      const bytes = request(1, unit, address, count);
      if (cut < 5) bytes.writeUInt8((bytes.readUInt8(bent) + cut) % 256, bent);
      return bytes.subarray(0, cut < 10 ? 12 : cut);
    });
  const pieces = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      frame,
    ),
    {
      maxLength: 6,
    },
  );
  await fc.assert(
    fc.asyncProperty(pieces, fc.boolean(), async (writes, isReset) => {
      const socket = await raw(simulator.description.modbus.port);
      socket.resume();
      for (const bytes of writes) if (socket.writable) socket.write(bytes);
      const closed = ending(socket);
      if (isReset) socket.resetAndDestroy();
      else socket.end();
      expect(await readSdm630(honest, 1)).toEqual(right);
      await closed;
    }),
    { numRuns: 40 },
  );
});

describe("a client that costs too much is cut off, and nobody else is", () => {
  const flood = Buffer.concat(Array.from({ length: 2_000 }, (_, index) => request(index, 1, 0x34, 24)));

  test("one that asks faster than it is answered", async () => {
    const simulator = await start();
    const socket = await raw(simulator.description.modbus.port);
    const closed = ending(socket.resume());
    socket.write(flood);
    await closed;
    expect(await readSdm630(await modbusClient(simulator, 20_000), 1)).toMatchObject({ voltage: 230 });
  });

  test("one that fetches no answers", async () => {
    const simulator = await start();
    const socket = await raw(simulator.description.modbus.port);
    socket.pause();
    const refused = Buffer.concat(Array.from({ length: 2_000 }, () => request(1, 1, 0, 0))); // answered at once
    const closed = ending(socket);
    const write = (): void => {
      if (!socket.destroyed) socket.write(refused, () => setImmediate(write));
    };
    write();
    await closed;
    expect(await readSdm630(await modbusClient(simulator, 20_000), 1)).toMatchObject({ voltage: 230 });
  });

  test("one that asks without end a device that is late", async () => {
    const simulator = await start();
    simulator.inject({ fault: "late", home: "home-1", ms: 600_000 });
    const socket = await raw(simulator.description.modbus.port);
    const closed = ending(socket.resume());
    socket.write(flood);
    await closed;
    expect(await readSdm630(await modbusClient(simulator, 20_000), 3)).toMatchObject({ voltage: 230 });
  });
});
