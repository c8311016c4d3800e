/** The socket of a market node in forty lines: asks and waits for the answer, and hears what is said unasked. */
import { WebSocket } from "ws";

const PATIENCE_MS = 30_000;

/** Opens a session as whoever the ticket was given to: `ask(type, data)`, `next(isWanted)`, `close()`. */
export async function openSession(url, ticket) {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/api/v1/ws`, "micromarket.v1");
  const heard = [];
  let wake = () => undefined;
  let end = null;
  let count = 0;
  socket.on("message", (data) => {
    heard.push(JSON.parse(data.toString()));
    wake();
  });
  socket.on("error", (error) => (end = error.message));
  socket.on("close", (code, reason) => {
    end ??= `closed with ${code} ${reason}`;
    wake();
  });

  /** The first frame that is wanted, heard before or not; frames before it stay for others. */
  async function next(isWanted, patienceMs = PATIENCE_MS) {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const at = heard.findIndex(isWanted);
      if (at >= 0) return heard.splice(at, 1)[0];
      if (end !== null) throw new Error(`the session has ended: ${end}`);
      if (Date.now() > deadline) throw new Error("waited in vain for the market");
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        wake = () => (clearTimeout(timer), resolve());
      });
    }
  }

  async function ask(type, data) {
    const id = `${(count += 1)}`;
    socket.send(JSON.stringify({ type, id, ts: Date.now(), data }));
    const answer = await next((frame) => frame.id === id);
    if (answer.type === "error") throw new Error(`${type}: ${answer.data.code}: ${answer.data.message}`);
    return answer.data;
  }

  const hello = await next((frame) => frame.type === "hello");
  await ask("auth", { method: "ticket", ticket });
  return { hello: hello.data, ask, next, close: () => socket.close(1000) };
}
