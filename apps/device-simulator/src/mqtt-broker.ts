/** The embedded broker of demonstrations and tests: MQTT 3.1.1, in memory, open to whoever reaches its port. */
import { createServer, type Socket } from "node:net";
import { Aedes, type Client } from "aedes";
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
  broker.on("client", forgetNumbers);
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

/**
 * Lets a client have every message. The library numbers messages as they arrive, hands retained ones on a moment later than
 * the others, and takes a number below the last one for a copy: "online" would be lost to whoever listens whenever a
 * measurement comes right behind it (moscajs/aedes, issues 955 and 994). Without the memory of numbers a client whose
 * filters overlap gets a copy for each, as MQTT 3.1.1 allows (section 3.3.5).
 */
function forgetNumbers(client: Client): void {
  const remembersNothing = new Proxy({}, { set: () => true });
  Object.defineProperty(client, "duplicates", { value: remembersNothing });
}
