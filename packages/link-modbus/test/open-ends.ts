/** Links and servers of one test, closed when it ends. */
import { afterEach } from "@jest/globals";
import { ModbusLink, type LinkHabits, type NetworkTarget } from "../src/index.ts";
import { startRawServer, type RawServer, type RawServerOptions } from "./raw-server.ts";

export const PATIENT: LinkHabits = {
  timeoutMs: 20_000,
  deadlineMs: 30_000,
  backOff: { firstMs: 5, maxMs: 20 },
};
/** For the one question that is not answered: all others are patient, so that a busy machine fails no test. */
export const IMPATIENT = { timeoutMs: 100 };

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const end of open.splice(0).reverse()) await end.close();
});

export function keep<End extends { close(): Promise<void> }>(end: End): End {
  open.push(end);
  return end;
}

export async function rawServer(options: RawServerOptions): Promise<RawServer> {
  return keep(await startRawServer(options));
}

export function linkTo(port: number, options: Partial<NetworkTarget> & LinkHabits = {}): ModbusLink {
  return keep(new ModbusLink({ host: "127.0.0.1", port, ...PATIENT, ...options }));
}
