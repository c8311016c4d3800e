import { describe, expect, test } from "@jest/globals";
import { authRefusal, type AuthReason } from "@micromarket/api-http";
import { accessLog } from "../src/access-log.ts";
import type { GatewayLog } from "../src/gateway-log.ts";

interface Line {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

function open() {
  let now = 0;
  const lines: Line[] = [];
  const at = (level: string) => (fields: object) => void lines.push({ level, fields: { ...fields } });
  const log = { info: at("info"), warn: at("warn"), error: at("error") } as unknown as GatewayLog;
  const tell = accessLog(log, () => now);
  const refuse = (reason: AuthReason, from: string, note?: string): void =>
    tell({ type: "refused", refusal: authRefusal(reason, note), from, principalId: null });
  return { lines, tell, refuse, pass: (ms: number) => (now += ms) };
}

describe("what the log says of access", () => {
  test("each kind of refusal of each address once a minute, then how often", () => {
    const { lines, refuse, pass } = open();
    for (let count = 0; count < 1_000; count++) refuse("KEY_UNKNOWN", "192.0.2.7", "did:key:z6Mk");
    refuse("KEY_UNKNOWN", "192.0.2.8");
    refuse("BEARER_UNKNOWN", "192.0.2.7");
    expect(lines.map(({ fields }) => `${String(fields["reason"])} ${String(fields["from"])}`)).toEqual([
      ...["KEY_UNKNOWN 192.0.2.7", "KEY_UNKNOWN 192.0.2.8", "BEARER_UNKNOWN 192.0.2.7"],
    ]);
    expect(lines[0]).toMatchObject({ level: "warn", fields: { code: "AUTH_FAILED", note: "did:key:z6Mk" } });
    pass(60_001);
    refuse("KEY_UNKNOWN", "192.0.2.7");
    expect(lines.slice(3).map(({ fields }) => fields)).toEqual([
      { kind: "KEY_UNKNOWN 192.0.2.7", times: 999 },
      expect.objectContaining({ reason: "KEY_UNKNOWN", from: "192.0.2.7" }),
    ]);
  });

  test("a million addresses do not fill it", () => {
    const { lines, refuse } = open();
    for (let count = 0; count < 10_000; count++) refuse("KEY_UNKNOWN", `address ${count}`);
    expect(lines.length).toBe(257);
  });

  test("every revocation, and who did it", () => {
    const { lines, tell } = open();
    tell({ type: "revoked", principalId: "bot", by: "operator: Ann" });
    tell({ type: "revoked", principalId: "bot", by: "operator: Ann" });
    tell({ type: "restored", principalId: "bot", by: "operator" });
    tell({ type: "listener-failed", error: new Error("gone") });
    expect(lines).toEqual([
      { level: "warn", fields: { principal: "bot", by: "operator: Ann" } },
      { level: "warn", fields: { principal: "bot", by: "operator: Ann" } },
      { level: "warn", fields: { principal: "bot", by: "operator" } },
      { level: "error", fields: { error: "Error: gone" } },
    ]);
  });
});
