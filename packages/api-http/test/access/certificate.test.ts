import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import {
  fingerprintOf,
  recognise,
  type AdministeredRegistry,
  type AuthReason,
  type Credential,
} from "@micromarket/api-http";
import { TOKEN, utility, below, stranger, bot, pinned, shown, open, who, passOf, answer } from "./registry-setting.ts";

describe("certificates", () => {
  const refusals: readonly (readonly [string, Credential, AuthReason])[] = [
    ["of yesterday", shown(utility.sign({ subject: "/O=Utility/CN=bot-1", days: [-3, -1] })), "CERTIFICATE_EXPIRED"],
    ["of tomorrow", shown(utility.sign({ subject: "/O=Utility/CN=bot-1", days: [1, 3] })), "CERTIFICATE_NOT_YET_VALID"],
    [
      "by an authority that is not trusted",
      shown(stranger.sign({ subject: "/O=Utility/CN=bot-1" }), { reason: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }),
      "CERTIFICATE_UNTRUSTED",
    ],
    [
      "by a trusted authority that is not this principal's",
      shown(stranger.sign({ subject: "/O=Utility/CN=bot-1" })),
      "CERTIFICATE_UNKNOWN",
    ],
    [
      "with the right authority beside it, which has not signed it",
      shown(stranger.sign({ subject: "/O=Utility/CN=bot-1" }), "trusted", below, utility),
      "CERTIFICATE_UNKNOWN",
    ],
    ["that is its own authority's", shown(utility.sign({ subject: "/O=Utility/CN=bot-2" })), "CERTIFICATE_UNKNOWN"],
    [
      "with the name in the subject instead",
      shown(utility.sign({ subject: "/CN=desk.utility.example" })),
      "CERTIFICATE_UNKNOWN",
    ],
    [
      "with a wildcard for the name",
      shown(utility.sign({ subject: "/CN=x", alternative: "DNS:*.utility.example" })),
      "CERTIFICATE_UNKNOWN",
    ],
    [
      "with two names in one text",
      shown(utility.sign({ subject: "/O=Utility/CN=bot-1\\, O=Utility" })),
      "CERTIFICATE_UNKNOWN",
    ],
    [
      "of no certificate",
      { kind: "certificate", certificate: { chain: [Buffer.from("x")], trust: "trusted" } },
      "CERTIFICATE_MALFORMED",
    ],
    ["of nothing", { kind: "certificate", certificate: { chain: [], trust: "trusted" } }, "CERTIFICATE_MALFORMED"],
  ];
  test.each(refusals)("%s", async (_, credential, reason) => {
    expect(await who(open(), credential)).toBe(reason);
  });

  test("a pinned one ends with its own date, like every other", async () => {
    const setting = open();
    setting.pass(86_400_000 + 60_000);
    expect(await who(setting, shown(pinned))).toBe("CERTIFICATE_EXPIRED");
  });

  test("what the log is told of a stranger is what the operator needs to let it in", async () => {
    const setting = open();
    const certified = utility.sign({ subject: "/O=Utility/CN=bot-2" });
    await who(setting, shown(certified));
    const note = `subject "O=Utility, CN=bot-2", fingerprint ${fingerprintOf(new X509Certificate(certified.cert))}`;
    expect(setting.events).toMatchObject([{ type: "refused", from: "192.0.2.7", refusal: { note } }]);
  });
});

describe("a header and a certificate at once", () => {
  const ask = async (
    registry: AdministeredRegistry,
    authorization: string | undefined,
    credential: Credential,
  ): Promise<string> => {
    const certificate = credential.kind === "certificate" ? credential.certificate : null;
    const known = await recognise(registry, { authorization, certificate, from: "" });
    return known.ok ? `${known.value.principal.id} by ${known.value.method}` : known.error.reason;
  };
  const unknown = shown(utility.sign({ subject: "/CN=nobody" }));
  const nothing: Credential = { kind: "nothing" };

  test("who shows nothing, one of them, or both", async () => {
    const setting = open();
    const issued = setting.registry.issueBearer(await passOf(setting, answer(setting)));
    const own = `Bearer ${issued.ok ? issued.value.secret : ""}`;
    const cert = shown(bot.certificate, "trusted", below);
    const asked: readonly (readonly [string | undefined, Credential, string])[] = [
      [undefined, nothing, "CREDENTIAL_MISSING"],
      [undefined, cert, "bot by certificate"],
      [undefined, unknown, "CERTIFICATE_UNKNOWN"],
      [own, nothing, "bot by key"],
      [own, cert, "bot by key"],
      [own, shown(pinned), "CREDENTIALS_DISAGREE"],
      [own, unknown, "bot by key"],
      [own, shown(bot.certificate, { reason: "CERT_REVOKED" }), "CERTIFICATE_UNTRUSTED"],
      [`Bearer ${TOKEN}`, cert, "operator by operator"],
      ["Bearer wrong", cert, "OPERATOR_TOKEN_WRONG"],
      ["Basic abc", cert, "OPERATOR_TOKEN_WRONG"],
      ["", nothing, "OPERATOR_TOKEN_WRONG"],
    ];
    for (const [authorization, credential, expected] of asked) {
      expect([authorization, await ask(setting.registry, authorization, credential)]).toEqual([
        authorization,
        expected,
      ]);
    }
  });
});
