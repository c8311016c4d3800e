import { describe, expect, test } from "@jest/globals";
import { AUTH_REASONS, authRefusal, memoryRevocations, type AuthReason, type Pass } from "@micromarket/api-http";
import { BEARER_MS, TICKET_MS } from "../../src/access/memory-registry.ts";
import { mint, NOW_MS } from "./issuer.ts";
import {
  TOKEN,
  ORIGIN,
  below,
  stranger,
  bot,
  pinned,
  desk,
  key,
  shown,
  open,
  who,
  passOf,
  answer,
  bearer,
  ticketOf,
} from "./registry-setting.ts";

describe("who comes in", () => {
  test("the operator by its token, principals by key, certificate and access token", async () => {
    const setting = open();
    expect(await who(setting, bearer(TOKEN))).toBe("operator by operator");
    expect(await who(setting, answer(setting))).toBe("bot by key");
    expect(await who(setting, answer(setting, desk))).toBe("desk by key");
    expect(await who(setting, shown(bot.certificate, "trusted", below))).toBe("bot by certificate");
    expect(await who(setting, shown(pinned, { reason: "DEPTH_ZERO_SELF_SIGNED_CERT" }))).toBe("desk by certificate");
    const named = stranger.sign({ subject: "/CN=any", alternative: "DNS:desk.utility.example" });
    expect(await who(setting, shown(named))).toBe("desk by certificate");
    const tokens = open({}, NOW_MS);
    expect(await who(tokens, bearer(await mint(key)))).toBe("bot by oauth");
    const client = { claims: { sub: "service-account-7", client_id: "desk-1" } };
    expect(await who(tokens, bearer(await mint(key, client)))).toBe("desk by oauth");
    const nobody = { claims: { sub: "desk-1", client_id: "bot-1" } }; // a subject is no client, nor the other way
    expect(await who(tokens, bearer(await mint(key, nobody)))).toBe("TOKEN_SUBJECT_UNKNOWN");
  });

  test("on loopback with neither token nor principals everybody is the operator", async () => {
    const setting = open({ operatorToken: null, principals: [] });
    for (const credential of [{ kind: "nothing" } as const, bearer("anything"), shown(pinned)]) {
      expect(await who(setting, credential)).toBe("operator by operator");
    }
    expect(await who(open({ operatorToken: null }), { kind: "nothing" })).toBe("CREDENTIAL_MISSING");
  });

  test("a bearer for a signature lasts a quarter of an hour and no longer", async () => {
    const setting = open();
    const issued = setting.registry.issueBearer(await passOf(setting, answer(setting)));
    const secret = issued.ok ? issued.value.secret : "";
    expect(secret).toMatch(/^mmb_[\w-]{43}$/);
    setting.pass(BEARER_MS - 1);
    expect(await who(setting, bearer(secret))).toBe("bot by key");
    setting.pass(1);
    expect(await who(setting, bearer(secret))).toBe("BEARER_EXPIRED");
  });

  test("no secret outlives what it was given for", async () => {
    const setting = open();
    const held = await passOf(setting, answer(setting));
    setting.pass(BEARER_MS - 1_000);
    const [again, ticket] = [setting.registry.issueBearer(held), setting.registry.issueTicket(held, ORIGIN)];
    for (const issued of [again, ticket]) expect(issued).toMatchObject({ ok: true, value: { expires: held.expires } });
    setting.pass(1_000);
    for (const issued of [setting.registry.issueBearer(held), setting.registry.issueTicket(held, ORIGIN)]) {
      expect(issued).toMatchObject({ ok: false, error: { code: "TOKEN_EXPIRED", reason: "PASS_EXPIRED" } });
    }
  });

  test("the seventeenth bearer ends the first, of that principal alone", async () => {
    const setting = open();
    const [held, others] = [await passOf(setting, answer(setting)), await passOf(setting, answer(setting, desk))];
    const issue = (pass: Pass): string => {
      const issued = setting.registry.issueBearer(pass);
      return issued.ok ? issued.value.secret : "";
    };
    const kept = issue(others);
    const secrets = Array.from({ length: 17 }, () => issue(held));
    expect(await who(setting, bearer(secrets[0] ?? ""))).toBe("BEARER_UNKNOWN");
    expect(await who(setting, bearer(secrets[1] ?? ""))).toBe("bot by key");
    expect(await who(setting, bearer(kept))).toBe("desk by key");
  });

  test("an access token counts as long as it says, and a session of it no longer", async () => {
    const setting = open({}, NOW_MS);
    const held = await passOf(setting, bearer(await mint(key)));
    setting.pass(304_999);
    expect(setting.registry.check(held)).toBeNull();
    setting.pass(1);
    expect(setting.registry.check(held)).toMatchObject({ code: "TOKEN_EXPIRED", closeCode: 4401 });
  });
});

describe("tickets", () => {
  test("are good once, for the origin they were made for, for thirty seconds", async () => {
    const setting = open();
    const held = await passOf(setting, bearer(TOKEN));
    const make = (): string => {
      const issued = setting.registry.issueTicket(held, ORIGIN);
      return issued.ok ? issued.value.secret : "";
    };
    const ticket = make();
    expect(await who(setting, ticketOf(ticket))).toBe("operator by ticket");
    expect(await who(setting, ticketOf(ticket))).toBe("TICKET_UNKNOWN");
    const stolen = make();
    expect(await who(setting, ticketOf(stolen, "https://evil.example"))).toBe("TICKET_ORIGIN_OTHER");
    expect(await who(setting, ticketOf(stolen))).toBe("TICKET_UNKNOWN");
    const late = make();
    setting.pass(TICKET_MS);
    expect(await who(setting, ticketOf(late))).toBe("TICKET_EXPIRED");
    expect(await who(setting, bearer(make()))).toBe("OPERATOR_TOKEN_WRONG"); // it is no bearer
  });
});

describe("refresh", () => {
  test("takes a new pass of the same principal, and of nobody else", async () => {
    const setting = open();
    const held = await passOf(setting, answer(setting));
    setting.pass(60_000);
    const renewed = await setting.registry.refresh(held, answer(setting), "");
    expect(renewed).toMatchObject({
      ok: true,
      value: { principal: { id: "bot" }, expires: (held.expires ?? 0) + 60_000 },
    });
    const other = await setting.registry.refresh(held, answer(setting, desk), "");
    expect(other).toMatchObject({ ok: false, error: { code: "AUTH_FAILED", reason: "PRINCIPAL_OTHER" } });
    const wrong = await setting.registry.refresh(held, bearer("wrong"), "");
    expect(wrong).toMatchObject({ ok: false, error: { reason: "OPERATOR_TOKEN_WRONG" } });
    expect(setting.registry.check(held)).toBeNull();
  });
});

describe("sessions", () => {
  test("are counted for each principal, and given back once", async () => {
    const setting = open();
    const held = await passOf(setting, answer(setting));
    const [first, second, third] = Array.from({ length: 3 }, () => setting.registry.openSession(held));
    expect([first?.ok, second?.ok]).toEqual([true, true]);
    expect(third).toMatchObject({ ok: false, error: { code: "SESSIONS_EXHAUSTED", reason: "SESSIONS_TAKEN" } });
    expect(setting.registry.openSession(await passOf(setting, answer(setting, desk))).ok).toBe(true);
    expect(setting.registry.standings().map(({ sessions }) => sessions)).toEqual([2, 1]);
    if (first?.ok === true) for (let count = 0; count < 3; count++) first.value.close();
    expect(setting.registry.openSession(held).ok).toBe(true);
    expect(setting.registry.openSession(held).ok).toBe(false);
  });
});

describe("a revocation", () => {
  test("ends everything of the principal at once, of nobody else, and is heard", async () => {
    const setting = open();
    const { registry } = setting;
    const [held, others] = [await passOf(setting, answer(setting)), await passOf(setting, answer(setting, desk))];
    const [secret, ticket] = [registry.issueBearer(held), registry.issueTicket(held, ORIGIN)];
    const heard: string[] = [];
    registry.onRevoked(() => {
      throw new Error("a socket that is gone");
    });
    const stop = registry.onRevoked(({ principalId, refusal }) => heard.push(`${principalId} ${refusal.closeCode}`));
    expect(registry.revoke("bot", "operator: Ann")).toBe(true);
    expect(heard).toEqual(["bot 4401"]);
    expect(await who(setting, answer(setting))).toBe("PRINCIPAL_REVOKED");
    expect(await who(setting, shown(bot.certificate, "trusted", below))).toBe("PRINCIPAL_REVOKED");
    expect(await who(setting, bearer(secret.ok ? secret.value.secret : ""))).toBe("BEARER_UNKNOWN");
    expect(await who(setting, ticketOf(ticket.ok ? ticket.value.secret : ""))).toBe("TICKET_UNKNOWN");
    expect(registry.check(held)).toMatchObject({ code: "AUTH_FAILED", reason: "PRINCIPAL_REVOKED" });
    expect(registry.openSession(held)).toMatchObject({ ok: false, error: { reason: "PRINCIPAL_REVOKED" } });
    expect(registry.check(others)).toBeNull();
    stop();
    registry.revoke("desk", "operator");
    expect(heard).toHaveLength(1);
    expect(setting.events.map(({ type }) => type)).toContain("listener-failed");
  });

  test("holds after a restart, until it is taken back", async () => {
    const revocations = memoryRevocations();
    const first = open({ revocations });
    first.registry.revoke("bot", "operator");
    first.registry.revoke("bot", "somebody else");
    const second = open({ revocations });
    expect(await who(second, answer(second))).toBe("PRINCIPAL_REVOKED");
    const [standing] = second.registry.standings();
    expect(standing).toMatchObject({ principal: { id: "bot" }, revocation: { by: "operator" } });
    expect(second.registry.restore("bot", "operator")).toBe(true);
    expect(second.registry.restore("bot", "operator")).toBe(false);
    expect(await who(second, answer(second))).toBe("bot by key");
    expect(await who(open({ revocations }), answer(open({ revocations })))).toBe("CHALLENGE_UNKNOWN");
  });

  test("of a principal that is not there is none, nor of the operator", () => {
    const { registry } = open();
    expect([registry.revoke("nobody", ""), registry.restore("nobody", ""), registry.revoke("operator", "")]).toEqual([
      ...[false, false, false],
    ]);
  });

  test("that cannot be kept is not made, and nobody hears of it", async () => {
    const revocations = {
      load: () => [],
      save: () => {
        throw new Error("no space left");
      },
    };
    const setting = open({ revocations });
    const heard: string[] = [];
    setting.registry.onRevoked(({ principalId }) => heard.push(principalId));
    expect(() => setting.registry.revoke("bot", "operator")).toThrow("no space left");
    expect(heard).toEqual([]);
    expect(await who(setting, answer(setting))).toBe("bot by key");
  });

  test("that cannot be read lets nobody in", () => {
    const load = (): never => {
      throw new Error("unreadable");
    };
    expect(() => open({ revocations: { load, save: () => undefined } })).toThrow("unreadable");
  });
});

describe("what is told outward", () => {
  test("is the same for who is unknown, wrong or revoked; and names nobody", () => {
    const failed = (Object.keys(AUTH_REASONS) as AuthReason[]).filter(
      (reason) => AUTH_REASONS[reason] === "AUTH_FAILED",
    );
    expect(failed).toEqual(
      expect.arrayContaining(["BEARER_UNKNOWN", "KEY_UNKNOWN", "SIGNATURE_WRONG", "PRINCIPAL_REVOKED"]),
    );
    const told = failed.map((reason) => {
      const { code, detail, status, closeCode } = authRefusal(reason, "a note");
      return JSON.stringify({ code, detail, status, closeCode });
    });
    expect(new Set(told).size).toBe(1);
  });

  test.each<[AuthReason, string, number, number]>([
    ["CREDENTIAL_MISSING", "AUTH_REQUIRED", 401, 4401],
    ["KEY_UNKNOWN", "AUTH_FAILED", 401, 4401],
    ["TOKEN_EXPIRED", "TOKEN_EXPIRED", 401, 4401],
    ["TOKEN_NOT_YET_VALID", "CLOCK_SKEW", 401, 4401],
    ["ORIGIN_NOT_ALLOWED", "ORIGIN_FORBIDDEN", 403, 4403],
    ["SESSIONS_TAKEN", "SESSIONS_EXHAUSTED", 429, 4429],
    ["ISSUER_KEYS_UNREACHABLE", "AUTH_UNAVAILABLE", 503, 1013],
  ])("%s is %s, %i, %i", (reason, code, status, closeCode) => {
    expect(authRefusal(reason)).toMatchObject({
      code,
      reason,
      status,
      closeCode,
      detail: expect.stringMatching(/.{20}/),
    });
  });

  test("every reason has a test that brings it about", async () => {
    const { readdirSync, readFileSync } = await import("node:fs");
    const texts = readdirSync(new URL(".", import.meta.url))
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => readFileSync(new URL(name, import.meta.url), "utf8"))
      .join("\n");
    const untested = Object.keys(AUTH_REASONS).filter((reason) => !texts.includes(`"${reason}"`));
    expect(untested).toEqual([]);
  });
});
