/** The Modbus side: modbus-serial's server over the register images, behind the gate. */
import { createServer } from "node:net";
import { ServerTCP } from "modbus-serial";
import { closeServer, listen } from "./listening.ts";
import { GATEWAY_TARGET_FAILED, ILLEGAL_DATA_ADDRESS } from "./modbus-frames.ts";
import { openModbusGate, type GateOptions, type ModbusGate } from "./modbus-gate.ts";

/** Reads a unit's registers: `null` where a register does not exist, `undefined` where the unit does not. */
export type RegisterReader = (unit: number, address: number, count: number) => readonly number[] | null | undefined;

/** What stands behind the gate; what is left out is refused there. */
export interface Registers {
  readonly readInput?: RegisterReader;
  readonly readHolding?: RegisterReader;
  /** Writes a unit's registers: `null` where it was done, the code of an exception, `undefined` where the unit is not there. */
  readonly writeHolding?: (unit: number, address: number, words: readonly number[]) => number | null | undefined;
}

/** What the library's server turns into an exception answer. */
class ModbusException extends Error {
  readonly modbusErrorCode: number;

  constructor(modbusErrorCode: number) {
    super(`Modbus exception ${modbusErrorCode}`);
    this.modbusErrorCode = modbusErrorCode;
  }
}

const PORT_ATTEMPTS = 5;

/** Starts the server; rejects where the port is taken. */
export async function serveModbus(options: Omit<GateOptions, "serverPort">, registers: Registers): Promise<ModbusGate> {
  const inner = await startServer(registers);
  try {
    const gate = await openModbusGate({ ...options, serverPort: inner.port });
    return { ...gate, close: () => gate.close().then(inner.close) };
  } catch (error) {
    await inner.close();
    throw error;
  }
}

interface InnerServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** The library binds port 502 when told 0, so a free port is found first; another process may be quicker to take it. */
async function startServer(registers: Registers): Promise<InnerServer> {
  for (let attempt = 1; ; attempt++) {
    const port = await freeLoopbackPort();
    try {
      return await startServerOn(port, registers);
    } catch (error) {
      if (attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function freeLoopbackPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, "127.0.0.1", 0);
  await closeServer(server, []);
  return port;
}

function startServerOn(port: number, registers: Registers): Promise<InnerServer> {
  const vector = {
    ...(registers.readInput && {
      getInputRegister: single(registers.readInput),
      getMultipleInputRegisters: multiple(registers.readInput),
    }),
    ...(registers.readHolding && {
      getHoldingRegister: single(registers.readHolding),
      getMultipleHoldingRegisters: multiple(registers.readHolding),
    }),
    ...(registers.writeHolding && writers(registers.writeHolding)),
  };
  return new Promise((resolve, reject) => {
    const server = new ServerTCP(vector, { host: "127.0.0.1", port });
    server.on("serverError", reject);
    server.on("initialized", () => {
      resolve({ port, close: () => new Promise((closed) => server.close(() => closed())) });
    });
  });
}

type MultipleReader = (address: number, count: number, unit: number) => number[];

function multiple(readRegisters: RegisterReader): MultipleReader {
  return (address, count, unit) => {
    const words = readRegisters(unit, address, count);
    if (words === undefined) throw new ModbusException(GATEWAY_TARGET_FAILED);
    if (words === null) throw new ModbusException(ILLEGAL_DATA_ADDRESS);
    return [...words];
  };
}

function single(readRegisters: RegisterReader): (address: number, unit: number) => number {
  const read = multiple(readRegisters);
  return (address, unit) => read(address, 1, unit)[0] ?? 0;
}

function writers(write: NonNullable<Registers["writeHolding"]>) {
  const setRegisterArray = (address: number, words: number[], unit: number): void => {
    const code = write(unit, address, words);
    if (code !== null) throw new ModbusException(code ?? GATEWAY_TARGET_FAILED);
  };
  const setRegister = (address: number, word: number, unit: number): void => {
    setRegisterArray(address, [word], unit);
  };
  return { setRegister, setRegisterArray };
}
