/** What a gateway file says of who may come in: TLS of the server itself, issuers of access tokens, principals. */
import { choice, duration } from "@micromarket/data-files";
import { BUCKET_NAMES, SCOPES, type Scope } from "@micromarket/api-http";
import { Type, type Static } from "@sinclair/typebox";

const closed = { additionalProperties: false } as const;

const text = (description: string, example: string): ReturnType<typeof Type.String> =>
  Type.String({ minLength: 1, maxLength: 512, title: "a text", description, examples: [example] });
const pemPath = (description: string, example: string): ReturnType<typeof Type.String> =>
  Type.String({
    minLength: 1,
    title: "the path of a PEM file, relative to this file",
    description,
    examples: [example],
  });

/** TLS that the server itself speaks. */
export const serverTls = Type.Object(
  {
    certificate: pemPath("The gateway's certificate, with those between it and its root behind it", "tls/street.pem"),
    key: pemPath("Its key", "tls/street.key"),
    clientCa: Type.Optional(pemPath("The authorities that sign clients' certificates", "tls/clients.pem")),
    clientCertificates: Type.Optional(
      choice(
        ["none", "request", "require"],
        "require: who shows none ends in the handshake; request with clientCa by default",
      ),
    ),
  },
  { ...closed, description: "HTTPS instead of HTTP", examples: [{ certificate: "street.pem", key: "street.key" }] },
);

const certificate = Type.Object(
  {
    fingerprint: Type.Optional(text("SHA-256 of the certificate, hexadecimal; needs no authority", "3f:9a:…")),
    subject: Type.Optional(text("Its subject as openssl prints it; needs http.tls.clientCa", "CN=bot-1, O=Utility")),
    dnsName: Type.Optional(text("A DNS name in it; needs http.tls.clientCa", "bot-1.utility.example")),
    ca: Type.Optional(pemPath("The one authority of clientCa that must have signed it", "tls/utility.pem")),
  },
  { ...closed, description: "A client certificate", examples: [{ dnsName: "bot-1.utility.example" }] },
);

const oauth = Type.Object(
  {
    issuer: text("One of api.issuers", "https://id.utility.example"),
    subject: Type.Optional(text("The token's sub", "bot-1")),
    clientId: Type.Optional(text("The token's client_id or azp", "bot-1")),
  },
  { ...closed, description: "An access token", examples: [{ issuer: "https://id.example", clientId: "bot-1" }] },
);

const credential = Type.Object(
  {
    certificate: Type.Optional(certificate),
    key: Type.Optional(text("did:key of a secp256k1 or Ed25519 key that signs challenges", "did:key:z6Mk…")),
    oauth: Type.Optional(oauth),
  },
  { ...closed, description: "One of certificate, key and oauth", examples: [{ key: "did:key:z6Mk…" }] },
);

const grant = Type.Object(
  {
    party: text('A home, one of parties, the supplier, or "*" for all', "home-1"),
    scopes: Type.Array(Type.Unsafe<Scope>({ type: "string", enum: [...SCOPES] }), {
      minItems: 1,
      uniqueItems: true,
      description: "None includes another",
      examples: [["read", "trade"]],
    }),
  },
  { ...closed, examples: [{ party: "home-1", scopes: ["read"] }] },
);

const count = (description: string): ReturnType<typeof Type.Integer> =>
  Type.Integer({ minimum: 1, maximum: 1_000_000, description });
const rate = Type.Optional(
  Type.Object(
    { burst: count("At once"), perSecond: count("Each second from then on") },
    { ...closed, description: "How much may be asked for", examples: [{ burst: 100, perSecond: 20 }] },
  ),
);
const limits = Type.Object(
  {
    sessions: Type.Optional(Type.Integer({ minimum: 1, maximum: 64, description: "Open at once; 4 by default" })),
    ...(Object.fromEntries(BUCKET_NAMES.map((name) => [name, rate])) as Record<
      "orders" | "queries" | "cancels",
      typeof rate
    >),
  },
  { ...closed, description: "Other than by default", examples: [{ orders: { burst: 100, perSecond: 20 } }] },
);

const principal = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 128, description: "Name of who comes in", examples: ["utility"] }),
    credentials: Type.Array(credential, { minItems: 1, maxItems: 16 }),
    grants: Type.Array(grant, { maxItems: 10_000 }),
    limits: Type.Optional(limits),
  },
  closed,
);

const issuer = Type.Object(
  {
    issuer: text("The token's iss, to the letter", "https://id.utility.example"),
    audience: text("This gateway in the token's aud", "street-1"),
    jwks: text("File or https URL of the issuer's public keys", "keys.json"),
    skew: Type.Optional(duration("How far its clock may differ; 5s by default, 60s at most", "5s")),
  },
  closed,
);

/** Who may come in besides the operator. */
export const api = Type.Object(
  {
    serverName: Type.Optional(text("The name that clients sign for; the gateway's name by default", "street-1")),
    issuers: Type.Optional(Type.Array(issuer, { maxItems: 16, description: "Who gives access tokens out" })),
    principals: Type.Array(principal, { minItems: 1, maxItems: 1_000 }),
  },
  {
    ...closed,
    description: "Who may come in besides the operator",
    examples: [{ principals: [{ id: "utility", credentials: [{ key: "did:key:z6Mk…" }], grants: [] }] }],
  },
);

/** The section as it passed the schema. */
export type ApiEntry = Static<typeof api>;
/** One of `principals`. */
export type PrincipalItem = ApiEntry["principals"][number];
/** One of `issuers`. */
export type IssuerItem = NonNullable<ApiEntry["issuers"]>[number];
/** The section `http.tls`. */
export type ServerTlsEntry = Static<typeof serverTls>;
