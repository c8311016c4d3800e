import { execFile, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Debian puts the broker where not every user's PATH leads. */
const BROKER = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"].find((path) => existsSync(path)) ?? "mosquitto";

/** Why there is no broker to test against; `null` where there is one. */
export function whyNoMosquitto(): string | null {
  const tools: [string, string][] = [
    [BROKER, "-h"],
    ["mosquitto_pub", "--help"],
    ["mosquitto_sub", "--help"],
    ["openssl", "version"],
  ];
  const absent = tools.find(([tool, option]) => spawnSync(tool, [option]).error !== undefined);
  return absent === undefined ? null : `there is no ${absent[0]}`;
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A broker of its own folder and port. */
export class Mosquitto {
  readonly port: number;
  readonly folder = mkdtempSync(join(tmpdir(), "mosquitto-"));
  #process: ChildProcess | null = null;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(lines: readonly string[] = ["allow_anonymous true"], files: Record<string, string> = {}) {
    const broker = new Mosquitto(await freePort());
    for (const [name, text] of Object.entries(files)) writeFileSync(join(broker.folder, name), text, { mode: 0o600 });
    try {
      await broker.start(lines);
    } catch (error) {
      await broker.remove();
      throw error;
    }
    return broker;
  }

  /** Starts the broker again, with other settings where there are some; `FOLDER` in them is its folder. */
  async start(lines: readonly string[] = ["allow_anonymous true"]): Promise<void> {
    const user = process.getuid?.() === 0 ? ["user root"] : [];
    const persistence = lines.some((line) => line.startsWith("persistence ")) ? [] : ["persistence false"];
    const settings = [...user, ...persistence, `listener ${this.port} 127.0.0.1`, ...lines];
    const file = join(this.folder, "mosquitto.conf");
    writeFileSync(file, settings.map((line) => `${line.replaceAll("FOLDER", this.folder)}\n`).join(""));
    const broker = spawn(BROKER, ["-c", file], { stdio: ["ignore", "ignore", "pipe"] });
    this.#process = broker;
    let said = "";
    let failure: Error | null = null;
    broker.on("error", (error) => (failure = error));
    broker.stderr.on("data", (text: Buffer) => (said += text.toString()));
    while (!(await isOpen(this.port))) {
      if (failure !== null || broker.exitCode !== null) throw new Error(`mosquitto ended: ${said}`, { cause: failure });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#process?.kill(signal);
  }

  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Ends the broker, by default so that it can save what it has stored. */
  async end(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const broker = this.#process;
    this.#process = null;
    if (broker?.pid === undefined || broker.exitCode !== null) return;
    broker.kill(signal);
    await once(broker, "exit");
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true });
  }

  /** `mosquitto_pub`, with what it is to read from its standard input. */
  async publish(args: readonly string[], input = ""): Promise<void> {
    const running = promisify(execFile)("mosquitto_pub", ["-h", "127.0.0.1", "-p", String(this.port), ...args]);
    running.child.stdin?.on("error", () => undefined); // it may end without having read
    running.child.stdin?.end(input);
    await running;
  }
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return new Promise((resolve) => {
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}
