/** The way to the other end as a connection sees it: bytes both ways, and one end. */
import modbus from "modbus-serial";

const ModbusRTU = modbus.default;

/** The library's client. */
export type Client = InstanceType<typeof ModbusRTU>;

/** What a line tells its connection. */
export interface LineEvents {
  opened(): void;
  /** Ahead of the library. */
  received(bytes: Buffer): void;
  /** It never opened, or it is gone. May be told more than once. */
  lost(detail: string): void;
}

/** A line that opens on its own. */
export interface Line {
  /** Settles when nothing of it is left. */
  readonly closed: Promise<void>;
  /** A fresh client of the library on the open line; `refused` hears why it cannot work. */
  client(refused: (detail: string) => void): Client;
  /** Ends it, whatever is under way. */
  drop(): void;
}

/** A client whose errors nobody hears: the line's own events say it, and unheard it would throw. */
export function freshClient(port?: unknown): Client {
  const client = new ModbusRTU(port);
  client.on("error", () => undefined);
  return client;
}
