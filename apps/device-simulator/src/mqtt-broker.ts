/** The embedded broker of demonstrations and tests: MQTT 3.1.1, in memory, open to whoever reaches its port. */
import { createServer, type Socket } from "node:net";
import { Aedes } from "aedes";
import { closeServer, listen } from "./listening.ts";

/** A running broker. */
export interface EmbeddedBroker {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Devices of the largest street, and room for those who listen. */
const CONNECTIONS_MAX = 500;

/** Starts a broker; port 0 takes a free one. Rejects where the port is taken. */
export async function startEmbeddedBroker(host: string, port: number): Promise<EmbeddedBroker> {
  const broker = await Aedes.createBroker();
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
    broker.handle(socket);
  });
  server.maxConnections = CONNECTIONS_MAX;
  const closeBroker = (): Promise<void> =>
    new Promise((resolve) => {
      broker.close(resolve);
    });
  try {
    const bound = await listen(server, host, port);
    return { port: bound, close: () => closeBroker().then(() => closeServer(server, connections)) };
  } catch (error) {
    await closeBroker();
    throw error;
  }
}
