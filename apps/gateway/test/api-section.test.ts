/** Who may come in, as the gateway's file says it: what is read, and every refusal with its place. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { loadGatewayFile } from "../src/gateway-file.ts";
import { GATEWAY, gatewayFile } from "./gateway-text.ts";

const folder = mkdtempSync(join(tmpdir(), "micromarket-api-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A certificate that openssl signs itself, and its key. */
function certified(name: string, extension: string): Readonly<Record<string, string>> {
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const keys = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key];
  execFileSync("openssl", ["req", "-x509", "-subj", `/CN=${name}`, "-out", cert, "-addext", extension, ...keys], {
    stdio: "pipe",
  });
  return { [`${name}.pem`]: readFileSync(cert, "utf8"), [`${name}.key`]: readFileSync(key, "utf8") };
}

const FILES: Readonly<Record<string, string>> = {
  ...certified("street", "basicConstraints=CA:FALSE"),
  ...certified("clients", "basicConstraints=CA:TRUE"),
  "keys.json": `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k1","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`,
  "secret.json": `{"keys":[{"kty":"oct","k":"AAAA"}]}`,
  "none.txt": "nothing",
};
const FINGERPRINT = "AB:".repeat(31) + "cd";
const DID = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp";

const TEXT = GATEWAY.replace(
  "http:\n  port: 0\n",
  `http:
  port: 0
  host: 0.0.0.0
  tls: { certificate: street.pem, key: street.key, clientCa: clients.pem }
api:
  issuers:
    - { issuer: "https://id.example", audience: street, jwks: keys.json, skew: 10s }
    - { issuer: "https://other.example", audience: street, jwks: "https://other.example/keys" }
  principals:
    - id: utility
      credentials:
        - certificate: { subject: "CN=bot, O=Utility", ca: clients.pem }
        - key: ${DID}
        - oauth: { issuer: "https://id.example", clientId: bot-1 }
      grants:
        - { party: "*", scopes: [read] }
        - { party: home-1, scopes: [read, trade] }
      limits: { sessions: 8, orders: { burst: 5, perSecond: 1 } }
    - id: home-1 app
      credentials: [ { certificate: { fingerprint: "${FINGERPRINT}" } } ]
      grants: [ { party: home-1, scopes: [read] } ]
`,
);

function load(text: string): ReturnType<typeof loadGatewayFile> {
  const path = gatewayFile(text);
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(dirname(path), name), content);
  return loadGatewayFile(path, { env: {} });
}

test("principals, issuers and TLS are read with their defaults", () => {
  expect(load(TEXT)).toMatchObject({
    ok: true,
    value: {
      http: {
        ...{ host: "0.0.0.0", token: null, isBehindProxy: false },
        tls: { certificate: expect.stringMatching(/\/street\.pem$/), clientCertificates: "request" },
      },
      api: {
        serverName: "street",
        issuers: [
          { issuer: "https://id.example", audience: "street", skewSeconds: 10, jwks: { text: FILES["keys.json"] } },
          { issuer: "https://other.example", skewSeconds: 5, jwks: { url: "https://other.example/keys" } },
        ],
        principals: [
          {
            principal: {
              id: "utility",
              grants: [
                { party: "*", scopes: new Set(["read"]) },
                { party: "home-1", scopes: new Set(["read", "trade"]) },
              ],
              limits: { sessionsMax: 8, rates: { orders: { burst: 5, perSecond: 1 }, queries: { burst: 100 } } },
            },
            certificates: [{ subject: "CN=bot, O=Utility", ca: FILES["clients.pem"] }],
            keys: [DID],
            tokens: [{ issuer: "https://id.example", clientId: "bot-1" }],
          },
          {
            principal: { id: "home-1 app", limits: { sessionsMax: 4 } },
            certificates: [{ fingerprint: `${"ab".repeat(31)}cd` }],
          },
        ],
      },
    },
  });
  expect(load(GATEWAY)).toMatchObject({ ok: true, value: { api: null, http: { tls: null } } });
});

describe("every refusal says where, what and how to mend it", () => {
  const CERTIFICATE = '{ subject: "CN=bot, O=Utility", ca: clients.pem }';
  const TLS = "  tls: { certificate: street.pem, key: street.key, clientCa: clients.pem }\n";
  test.each<[string, string, string]>([
    [TLS, "", "15:9 TLS_NEEDED"],
    ["certificate: street.pem", "certificate: nowhere.pem", "16:23 PEM_UNREADABLE"],
    ["certificate: street.pem", "certificate: none.txt", "16:23 TLS_CERTIFICATE_UNFIT"],
    ["key: street.key", "key: street.pem", "16:40 TLS_KEY_UNFIT"],
    ["key: street.key", "key: clients.key", "16:40 TLS_KEY_OTHER"],
    ["clientCa: clients.pem }\n", "clientCa: street.pem }\n", "16:62 TLS_CA_UNFIT"],
    [", clientCa: clients.pem }\n", ", clientCertificates: require }\n", "16:72 TLS_CA_NEEDED"],
    [", clientCa: clients.pem }\n", ", clientCertificates: request }\n", "24:24 CA_MISSING"],
    ["clientCa: clients.pem }\n", "clientCa: clients.pem, clientCertificates: none }\n", "24:24 CERTIFICATE_UNASKED"],
    [CERTIFICATE, `{ subject: "CN=bot", dnsName: bot }`, "24:24 CERTIFICATE_UNCLEAR"],
    [CERTIFICATE, `{ fingerprint: "${FINGERPRINT}", ca: clients.pem }`, "24:24 CERTIFICATE_UNCLEAR"],
    [CERTIFICATE, "{ subject: bot, ca: nowhere.pem }", "24:44 PEM_UNREADABLE"],
    [CERTIFICATE, "{ subject: bot, ca: none.txt }", "24:44 PEM_UNFIT"],
    [CERTIFICATE, '{ fingerprint: "ab:cd" }', "24:39 FINGERPRINT_MALFORMED"],
    [`certificate: ${CERTIFICATE}`, `certificate: ${CERTIFICATE}\n          key: ${DID}`, "24:11 CREDENTIAL_UNCLEAR"],
    [`certificate: ${CERTIFICATE}`, `certificate: { fingerprint: "${FINGERPRINT}" }`, "32:22 CREDENTIAL_TWICE"],
    [DID, `${DID}1`, "25:16 KEY_MALFORMED"],
    ["clientId: bot-1", "clientId: bot-1, subject: bot-1", "26:18 TOKEN_RULE_UNCLEAR"],
    ['oauth: { issuer: "https://id.example"', 'oauth: { issuer: "https://id.example/"', "26:28 ISSUER_UNKNOWN"],
    ['issuer: "https://other.example"', 'issuer: "https://id.example"', "20:17 ISSUER_TWICE"],
    ["skew: 10s", "skew: 61s", "19:80 SKEW_UNFIT"],
    ["jwks: keys.json", "jwks: nowhere.json", "19:63 JWKS_UNREADABLE"],
    ["jwks: keys.json", "jwks: none.txt", "19:63 JWKS_MALFORMED"],
    ["jwks: keys.json", "jwks: secret.json", "19:63 JWKS_MALFORMED"],
    ["https://other.example/keys", "http://other.example/keys", "20:66 JWKS_URL_UNSAFE"],
    ["https://other.example/keys", "https://me:hunter2@other.example/keys", "20:66 JWKS_URL_UNSAFE"],
    ["id: home-1 app", "id: utility", "31:11 PRINCIPAL_TWICE"],
    ["id: home-1 app", "id: operator", "31:11 PRINCIPAL_RESERVED"],
    ["id: home-1 app", 'id: " app"', "31:11 NAME_MALFORMED"],
    ["party: home-1, scopes: [read, trade]", "party: hom-1, scopes: [read]", "29:20 PARTY_UNKNOWN"],
    ["party: home-1, scopes: [read, trade]", 'party: "*", scopes: [trade]', "29:20 GRANT_TWICE"],
    ["scopes: [read, trade]", "scopes: [read, write]", "29:43 VALUE_UNKNOWN"],
    ["scopes: [read, trade]", "scopes: []", "29:36 VALUE_OUT_OF_RANGE"],
    ["sessions: 8", "sessions: 65", "30:27 VALUE_OUT_OF_RANGE"],
    ["burst: 5", "burst: 0", "30:47 VALUE_OUT_OF_RANGE"],
  ])("%s → %s: %s", (from, to, expected) => {
    expect(TEXT).toContain(from);
    const loaded = load(TEXT.replace(from, to));
    const problems = loaded.ok ? [] : loaded.error;
    expect(problems.map(({ line, column, code }) => `${line}:${column} ${code}`)).toContain(expected);
    expect(problems.every(({ what, mend }) => what.length > 8 && mend.length > 3)).toBe(true);
    expect(JSON.stringify(problems)).not.toMatch(/hunter2|PRIVATE KEY-----/);
  });

  test("principals listen beyond loopback without TLS only behind a proxy that somebody has named", () => {
    const plain = GATEWAY.replace("port: 0\n", "port: 0\n  host: 0.0.0.0\n").concat(
      `api: { principals: [ { id: bot, credentials: [ { key: ${DID} } ], grants: [] } ] }\n`,
    );
    expect(load(plain)).toMatchObject({ ok: false, error: [{ code: "TLS_NEEDED" }] });
    const proxied = plain.replace("host: 0.0.0.0", "host: 0.0.0.0\n  behindProxy: true");
    expect(load(proxied)).toMatchObject({ ok: true, value: { http: { isBehindProxy: true } } });
    expect(load(plain.replace("  host: 0.0.0.0\n", ""))).toMatchObject({ ok: true });
  });
});
