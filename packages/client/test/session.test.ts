/** Sessions against a real server. */
import { afterEach, describe, expect, test } from "@jest/globals";
import { signerOf } from "@micromarket/identity";
import { hashText } from "@micromarket/kernel";
import {
  challengeSigner,
  connect,
  ed25519Signer,
  followPrivate,
  followPublic,
  HttpTwin,
  limitTender,
  type Credential,
  type MarketSession,
  type SessionOptions,
} from "@micromarket/client";
import { nodeSurroundings } from "@micromarket/client/node";
import { tender } from "@micromarket/testkit";
import type { PrincipalEntry } from "@micromarket/api-http";
import { MarketServer, TOKEN, type MarketInit } from "./market-server.ts";
import { atEnd, closeAll, until } from "./waiting.ts";

afterEach(closeAll);

const SOON = { immediate: 1_000, jitterMs: 20, leastMs: 20, mostMs: 40, stableMs: 60_000 };

async function market(init: MarketInit = {}): Promise<MarketServer> {
  const server = await MarketServer.start(init);
  atEnd(() => server.stop());
  return server;
}

function session(server: MarketServer, options: Partial<SessionOptions> = {}): MarketSession {
  const opened = connect(server.url, {
    ...{ credential: { kind: "bearer", token: TOKEN }, surroundings: nodeSurroundings(), reconnect: SOON },
    ...options,
  });
  atEnd(() => opened.close());
  return opened;
}

function trader(keys: readonly string[], sessionsMax = 4): PrincipalEntry {
  const grants = [{ party: "anne", scopes: new Set(["read", "trade"] as const) }];
  return {
    principal: { id: "annes-bot", grants, limits: { sessionsMax, rates: null } },
    ...{ certificates: [], keys, tokens: [] },
  };
}

const ANNES_KEY = signerOf(Uint8Array.from(Buffer.from(hashText("anne's bot"), "hex")));

describe("signing in", () => {
  test("by token: hello, who one is, the server's clock", async () => {
    const server = await market();
    const opened = session(server);
    await expect(opened.ready()).resolves.toMatchObject({ principal: "operator" });
    expect(opened.hello).toMatchObject({ market: "street", protocol: "micromarket.v1" });
    const clock = await opened.syncClock();
    expect(Math.abs(clock?.offsetMs ?? Infinity)).toBeLessThanOrEqual((clock?.errorMs ?? 0) + 1);
    await expect(opened.request("session.state", {})).resolves.toMatchObject({
      state: "answered",
      data: { principal: "operator" },
    });
  });

  test("by a challenge, signed with secp256k1 and with Ed25519", async () => {
    const keys = (await globalThis.crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as {
      publicKey: never;
      privateKey: never;
    };
    const edwards = await ed25519Signer(keys);
    const server = await market({ principals: [trader([ANNES_KEY.key.did, edwards.did])] });
    for (const signer of [challengeSigner(ANNES_KEY), edwards]) {
      const opened = session(server, { credential: { kind: "challenge", signer, server: "micromarket" } });
      await expect(opened.ready()).resolves.toMatchObject({ principal: "annes-bot" });
      opened.close();
    }
  });

  test("by a ticket", async () => {
    const server = await market();
    const http = new HttpTwin(server.url, { token: TOKEN });
    const opened = session(server, { credential: { kind: "ticket", ticket: () => http.ticket() } });
    await expect(opened.ready()).resolves.toMatchObject({ principal: "operator" });
  });

  test.each<[string, Credential, string]>([
    ["a wrong token", { kind: "bearer", token: "wrong" }, "AUTH_REFUSED"],
    ["no certificate", { kind: "certificate" }, "CREDENTIAL"],
    [
      "a challenge of another server",
      { kind: "challenge", signer: challengeSigner(ANNES_KEY), server: "elsewhere" },
      "CREDENTIAL",
    ],
  ])("is given up with %s", async (_, credential, code) => {
    const server = await market({ principals: [trader([ANNES_KEY.key.did])] });
    const opened = session(server, { credential });
    const failures: string[] = [];
    opened.on("failed", (failure) => failures.push(failure.code));
    await expect(opened.ready()).rejects.toThrow();
    expect(failures).toEqual([code]);
    expect(opened.state).toBe("failed");
  });

  test("ends with a revocation, and is not tried again", async () => {
    const server = await market({ principals: [trader([ANNES_KEY.key.did])] });
    const opened = session(server, { credential: { kind: "challenge", signer: challengeSigner(ANNES_KEY) } });
    await opened.ready();
    const ends: number[] = [];
    opened.on("ended", ({ code }) => ends.push(code));
    server.registry.revoke("annes-bot", "the test");
    await until(() => opened.state === "failed", "the session is given up");
    expect(ends).toEqual([4403]);
  });

  test("waits for a provider that has none at the moment", async () => {
    const server = await market();
    const answers = [() => Promise.reject(new Error("the issuer is away")), () => Promise.resolve(TOKEN)];
    const token = (): Promise<string> => (answers.length > 1 ? answers.shift() : answers[0])?.() ?? Promise.resolve("");
    await expect(session(server, { credential: { kind: "bearer", token } }).ready()).resolves.toMatchObject({
      principal: "operator",
    });
  });

  test("with what is refused time and again is given up, whatever may be shown anew", async () => {
    const server = await market();
    const shown: string[] = [];
    const token = (): string => `wrong-${shown.push("again")}`;
    const opened = session(server, { credential: { kind: "bearer", token } });
    await expect(opened.ready()).rejects.toThrow();
    expect(shown).toHaveLength(5);
  });

  test("again in time: the same session goes on under the new token", async () => {
    const server = await market({ principals: [trader([ANNES_KEY.key.did])] });
    const opened = session(server, { credential: { kind: "challenge", signer: challengeSigner(ANNES_KEY) } });
    await opened.ready();
    const before = opened.hello?.session;
    await expect(opened.refresh()).resolves.toBe(true);
    expect(opened.hello?.session).toBe(before);
  });
});

describe("a session", () => {
  test("comes back after the server has, and says so", async () => {
    const server = await market();
    const opened = session(server);
    const told: string[] = [];
    opened.on("closing", ({ retry_after_ms: wait }) => told.push(`closing ${wait}`));
    opened.on("ready", ({ isAgain }) => told.push(`ready ${isAgain}`));
    await opened.ready();
    await server.stop();
    await until(() => opened.state === "waiting", "the session waits");
    await server.listen();
    await until(() => told.length === 3, "it is there again");
    expect(told).toEqual(["ready false", "closing 2000", "ready true"]);
  });

  test("that hears nothing is dropped, and another takes its place", async () => {
    const server = await market({ limits: { heartbeatMs: 3_600_000, pingMs: 3_600_000 } });
    const opened = session(server, { silenceMs: 400 });
    const ends: string[] = [];
    opened.on("ended", ({ reason }) => ends.push(reason));
    await opened.ready();
    await until(() => ends.length > 0, "the session is dropped");
    expect(ends[0]).toBe("nothing was heard for too long");
    await opened.ready();
  });

  test("leaves nothing behind when it is closed", async () => {
    const server = await market();
    const opened = session(server);
    await opened.ready();
    opened.close();
    expect(await opened.request("session.state", {})).toEqual({ state: "unsent", because: "not-connected" });
    await expect(opened.ready()).rejects.toThrow("closed");
    expect(opened.state).toBe("closed");
  });

  test("tells a refusal from silence", async () => {
    const server = await market();
    const opened = session(server);
    await opened.ready();
    await expect(opened.request("order.get", { party: "anne", client_order_id: "none" })).resolves.toMatchObject({
      state: "refused",
      error: { code: "NOT_FOUND" },
    });
    server.hold = new Promise(() => undefined);
    const limit = limitTender({
      ...{ id: "a", side: "buy", slotMs: server.slot(), slotLengthMs: server.rules.slotLength },
      ...{ priceMicro: 100_000, quantityWh: 500 },
    });
    const data = { requestId: "a", partyId: "anne", tender: [limit] };
    await expect(opened.request("EiCreateTender", data, 100)).resolves.toEqual({
      state: "unknown",
      because: "timeout",
    });
  });
});

describe("channels", () => {
  test("of the market: a snapshot, then what changes, with sound checksums", async () => {
    const server = await market();
    const opened = session(server);
    const heard: string[] = [];
    const unsound: string[] = [];
    opened.on("channel", (notice) => unsound.push(notice.kind));
    followPublic(opened, "results", {
      snapshot: ({ latest }) => heard.push(`results ${latest.length}`),
      delta: ({ start_ms: start }) => heard.push(`result ${start === server.slot()}`),
    });
    followPublic(opened, "book", {
      snapshot: ({ slots }) => heard.push(`book ${slots.length > 0}`),
      delta: () => heard.push("book again"),
    });
    await until(() => heard.length >= 2, "both snapshots came");
    expect(heard.slice(0, 2).sort()).toEqual(["book true", "results 0"]);
    server.close(server.slot());
    await until(() => heard.includes("result true") && heard.includes("book again"), "the result came");
    expect(unsound).toEqual([]);
  });

  test("of a party go on over a restart, where they were left; and are reset where they cannot", async () => {
    const server = await market();
    const opened = session(server);
    const heard: string[] = [];
    followPrivate(opened, "orders", "anne", {
      snapshot: ({ orders }, _, isReset) => heard.push(`snapshot ${orders.length}${isReset ? " reset" : ""}`),
      message: (message) => {
        if (message.type === "order.update") heard.push(`${message.data.client_order_id} ${message.data.state}`);
      },
    });
    await until(() => heard.length === 1, "the snapshot came");
    const place = (id: string): void => {
      const { state } = { state: server.obey(...placing(server, id)) };
      expect(state[0]?.ok).toBe(true);
    };
    place("a");
    await until(() => heard.length === 2, "the first order was told");
    await server.stop();
    place("b");
    await server.listen();
    await until(() => heard.length === 3, "what was missed was told");
    expect(heard).toEqual(["snapshot 0", "a open", "b open"]);
    await server.stop();
    server.beginArchiveAnew();
    await server.listen();
    await until(() => heard.length === 4, "the reset was told");
    expect(heard[3]).toBe("snapshot 0 reset");
  });
});

function placing(server: MarketServer, id: string) {
  return [
    {
      type: "SubmitTender" as const,
      slot: server.slot(),
      tender: tender(`anne/${id}`, "anne", "buy", [100_000, 500]),
    },
  ];
}
