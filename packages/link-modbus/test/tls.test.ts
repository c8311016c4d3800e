/** Modbus over mutual TLS, against a TLS server: who is let in, who is not and with what words, and that it lasts. */
import { describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TlsOptions } from "node:tls";
import type { Framing, LinkState, ModbusLink, TlsIdentity } from "../src/index.ts";
import { authority } from "./certificates.ts";
import { IMPATIENT, keep, linkTo, rawServer } from "./open-ends.ts";
import { confirmation, frame, ownAddresses, type Asked, type RawServer } from "./raw-server.ts";

const ours = authority("ours");
const theirs = authority("theirs");
const gateway = ours.sign("gateway", "IP:127.0.0.1");
const identity: TlsIdentity = { ca: ours.ca, ...ours.sign("link") };
const mutual: TlsOptions = { ...gateway, ca: ours.ca, requestCert: true, rejectUnauthorized: true };
const range = (address: number) => ({ unit: 1, function: 4, address, count: 1 }) as const;
const words = (value: number): object => ({ ok: true, value: [value] });

async function serve(
  tls: TlsOptions = {},
  framing: Framing = "tcp",
  onAsked: (asked: Asked) => boolean = () => false,
): Promise<RawServer> {
  const answer = (asked: Asked): void => {
    if (onAsked(asked)) return;
    const isRead = asked.function === 4;
    asked.socket.write(isRead ? frame(framing, asked, ownAddresses(asked)) : confirmation(framing, asked));
  };
  return rawServer({ framing, tls: { ...mutual, ...tls }, onAsked: answer });
}

/** The first failure that the link sees, however far it came. */
async function refusalOf(link: ModbusLink): Promise<LinkState["lastFailure"]> {
  const outcome = await link.read(range(1));
  expect(outcome.ok).toBe(false);
  return link.state.lastFailure;
}

describe.each(["tcp", "rtu-over-tcp"] as const)("%s in TLS", (framing) => {
  test.each(["TLSv1.2", "TLSv1.3"] as const)("%s: reads, writes, and reads on after a reset", async (version) => {
    const reset = (asked: Asked): boolean => asked.index === 2 && asked.socket.destroy().destroyed;
    const server = await serve({ minVersion: version, maxVersion: version }, framing, reset);
    const link = linkTo(server.port, { framing, tls: identity, writableUnits: [1] });
    expect(await link.read(range(7))).toEqual(words(7));
    const limits = { min: 0, max: 9 };
    const write = { unit: 1, function: 6, address: 2, type: "uint16", values: [9], limits } as const;
    expect(await link.write(write)).toEqual({ ok: true, value: null });
    const lost = await link.read({ ...range(8), timeoutMs: 1_000 });
    expect(lost).toMatchObject({ ok: false, error: { code: "CONNECTION_LOST" } });
    for (const address of [9, 10]) expect(await link.read(range(address))).toEqual(words(address));
    expect(server.connections()).toBe(2);
  });

  test("a timeout ends the connection, as without TLS", async () => {
    const server = await serve({}, framing, (asked) => asked.index === 0);
    const link = linkTo(server.port, { framing, tls: identity });
    expect(await link.read({ ...range(1), ...IMPATIENT })).toEqual({ ok: false, error: { code: "TIMEOUT" } });
    expect(await link.read(range(2))).toEqual(words(2));
    expect(server.connections()).toBe(2);
  });
});

describe("is refused, and nothing is asked:", () => {
  test.each<[string, TlsOptions, Partial<TlsIdentity>, string]>([
    ["a server signed by another authority", theirs.sign("x", "IP:127.0.0.1"), {}, "no authority in tls.ca"],
    ["a server of another name", ours.sign("x", "DNS:other.example"), {}, "name it in tls.serverName"],
    ["a server of another name than the one given", {}, { serverName: "gateway.example" }, "tls.serverName"],
    ["a link signed by another authority, 1.3", {}, theirs.sign("link"), "may refuse this link's certificate"],
    [
      "a link signed by another authority, 1.2",
      { maxVersion: "TLSv1.2" },
      theirs.sign("link"),
      "may refuse this link's",
    ],
    ["TLS 1.1", { minVersion: "TLSv1.1", maxVersion: "TLSv1.1" }, {}, "version"],
    ["a certificate that is none", {}, { cert: "none" }, "tls.ca, tls.cert or tls.key cannot be used"],
    ["a key of another certificate", {}, { key: theirs.sign("x").key }, "tls.ca, tls.cert or tls.key cannot be used"],
  ])("%s", async (_name, tls, change, message) => {
    const server = await serve(tls);
    const link = linkTo(server.port, { tls: { ...identity, ...change } });
    const failure = await refusalOf(link);
    expect(failure).toMatchObject({ detail: expect.stringContaining(message) });
    expect(["CONNECT_FAILED", "CONNECTION_LOST"]).toContain(failure?.code);
    expect(server.asked).toEqual([]);
  });

  test.each(["-tls1_2", "-tls1_3"])("by openssl's server (%s), which says why", async (version) => {
    const port = await opensslServer(version);
    const failure = await refusalOf(linkTo(port, { tls: { ...identity, ...theirs.sign("link") } }));
    expect(failure).toMatchObject({ detail: expect.stringContaining("the other end refuses this link's certificate") });
  });

  test("a server that speaks no TLS", async () => {
    const server = await rawServer({ onAsked: () => undefined, onConnected: (socket) => void socket.end("hello") });
    const failure = await refusalOf(linkTo(server.port, { tls: identity }));
    expect(failure).toMatchObject({ code: "CONNECT_FAILED" });
  });

  test("a client without TLS", async () => {
    const server = await serve();
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(Buffer.from([0, 1, 0, 0, 0, 6, 1, 4, 0, 0, 0, 2]));
    await once(socket, "close");
    expect(server.asked).toEqual([]);
  });
});

test("a server whose certificate has another name is let in by that name", async () => {
  const server = await serve(ours.sign("x", "DNS:gateway.example"));
  const link = linkTo(server.port, { tls: { ...identity, serverName: "gateway.example" } });
  expect(await link.read(range(7))).toEqual(words(7));
});

/** Lets in only whom our authority signed, and tells others with an alert. */
async function opensslServer(version: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "micromarket-tls-"));
  writeFileSync(join(folder, "ca.pem"), ours.ca);
  writeFileSync(join(folder, "own.pem"), gateway.cert + gateway.key);
  const wanted = ["-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem", "-cert", "own.pem", version];
  const server = spawn("openssl", ["s_server", "-accept", "127.0.0.1:0", ...wanted], { cwd: folder });
  keep({
    close: async () => {
      server.kill();
      if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
      rmSync(folder, { recursive: true });
    },
  });
  for await (const line of createInterface(server.stdout)) {
    const port = /^ACCEPT .*:(\d+)$/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error("openssl s_server ended before it listened");
}
