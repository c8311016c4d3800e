/**
 * A serial line of this machine, for the framing RTU. It needs the package `serialport`, which is loaded here and nowhere
 * else, and only when a serial line is opened.
 *
 * Invariant: what waited in the port when it was opened is thrown away unread; it answers nobody's question.
 */
import { EventEmitter } from "node:events";
import type * as serialport from "serialport";
import { freshClient, type Line, type LineEvents } from "./line.ts";

/** A serial port and its settings: those of the devices on the line. */
export interface SerialEndpoint {
  readonly framing: "rtu";
  /** Such as `/dev/ttyUSB0`, better one below `/dev/serial/by-id`. */
  readonly path: string;
  readonly baudRate: number;
  readonly parity: "none" | "even" | "odd";
  /** @default 1 */
  readonly stopBits?: 1 | 2;
}

/** Between two frames the line must be still for 3.5 characters of 11 bit (MODBUS over Serial Line 1.02, section 2.5.1.1). */
export function silenceMs({ baudRate }: SerialEndpoint): number {
  return Math.max(2, Math.ceil((3.5 * 11 * 1_000) / baudRate));
}

/** Starts to open the port. */
export function openSerialLine(endpoint: SerialEndpoint, events: LineEvents): Line {
  return new SerialLine(endpoint, events);
}

class SerialLine implements Line {
  readonly closed: Promise<void>;
  readonly #events: LineEvents;
  #port: serialport.SerialPort | null = null;
  #frames: RtuFrames | null = null;
  #isDropped = false;
  #settleClosed: () => void = () => undefined;

  constructor(endpoint: SerialEndpoint, events: LineEvents) {
    this.#events = events;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    this.#open(endpoint).catch((error: unknown) => {
      this.#fail(error instanceof Error ? error.message : String(error));
    });
  }

  client(refused: (detail: string) => void): ReturnType<typeof freshClient> {
    const port = this.#port;
    this.#frames = new RtuFrames((bytes) => void port?.write(bytes));
    const client = freshClient(this.#frames);
    client.open((error?: Error | null) => {
      if (error) refused(error.message);
    });
    return client;
  }

  drop(): void {
    this.#isDropped = true;
    if (this.#port?.isOpen === true) this.#port.close(() => this.#settleClosed());
  }

  async #open({ path, baudRate, parity, stopBits = 1 }: SerialEndpoint): Promise<void> {
    const { SerialPort: Port } = await loadSerialport();
    const port = new Port({ path, baudRate, parity, stopBits, dataBits: 8, autoOpen: false });
    port.on("error", (error) => this.#events.lost(error.message));
    port.on("close", () => {
      this.#events.lost("closed");
      this.#settleClosed();
    });
    await settled((done) => port.open(done));
    this.#port = port;
    await settled((done) => port.flush(done));
    if (this.#isDropped) {
      if (port.isOpen) port.close(() => this.#settleClosed());
      return;
    }
    port.on("data", (bytes: Buffer) => {
      this.#events.received(bytes);
      if (!this.#isDropped) this.#frames?.take(bytes);
    });
    this.#events.opened();
  }

  #fail(detail: string): void {
    if (this.#port?.isOpen === true) this.drop();
    else this.#settleClosed();
    this.#events.lost(detail);
  }
}

async function loadSerialport(): Promise<typeof serialport> {
  try {
    return await import("serialport");
  } catch (error) {
    throw new Error(`a serial line needs the package serialport: npm install serialport@13.0.0 (${String(error)})`, {
      cause: error,
    });
  }
}

function settled(start: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}

const EXCEPTION_FLAG = 0x80;
const EXCEPTION_FRAME_LENGTH = 5;
const ECHO_FRAME_LENGTH = 8;

/** What the library takes for a port: whole answers go in, whole questions come out. Bytes are right, or never get here. */
class RtuFrames extends EventEmitter {
  readonly isOpen = true;
  readonly #send: (frame: Buffer) => void;
  #received = Buffer.alloc(0);
  #answerLength = 0;

  constructor(send: (frame: Buffer) => void) {
    super();
    this.#send = send;
  }

  open(done: (error: Error | null) => void): void {
    done(null);
  }

  write(frame: Buffer): void {
    const isRead = frame.readUInt8(1) <= 4;
    this.#answerLength = isRead ? EXCEPTION_FRAME_LENGTH + 2 * frame.readUInt16BE(4) : ECHO_FRAME_LENGTH;
    this.#received = Buffer.alloc(0);
    this.#send(frame);
  }

  take(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    const isException = ((this.#received[1] ?? 0) & EXCEPTION_FLAG) !== 0;
    if (this.#received.length < (isException ? EXCEPTION_FRAME_LENGTH : this.#answerLength)) return;
    const answer = this.#received;
    this.#received = Buffer.alloc(0);
    this.emit("data", answer);
  }
}
