/** Waiting for a socket server to listen and to close. */
import type { AddressInfo, Server, Socket } from "node:net";

/** Listens on `host`; port 0 takes a free one. Resolves with the port; rejects where it is taken. */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** Closes the server and cuts `connections`. */
export async function closeServer(server: Server, connections: Iterable<Socket>): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    for (const socket of connections) socket.destroy();
  });
}
