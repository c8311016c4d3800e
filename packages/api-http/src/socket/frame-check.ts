/**
 * What a client sends, held to its schema. The checks are compiled once; what is wrong is told with its place.
 *
 * Ids of older programs come as an object that holds a number: they are read as the text of that number.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { fail, ok, type Result } from "@micromarket/kernel";
import { CLIENT_MESSAGES, errorBody, type ClientMessage, type ClientType, type ErrorBody } from "@micromarket/protocol";

/** Any message of a client. */
export type AnyClientMessage = { readonly [Name in ClientType]: ClientMessage<Name> }[ClientType];

/** What could not be read, and the id of the request where that could. */
export interface FrameFault {
  readonly error: ErrorBody;
  readonly id: string | undefined;
}

const ajv = new Ajv({ strict: false, allErrors: false });
const checks = new Map<string, ValidateFunction>();

/** The compiled check of a message, or of its data alone. */
function checkOf(type: ClientType, part: "frame" | "data"): ValidateFunction {
  const key = `${part} ${type}`;
  const known = checks.get(key);
  if (known !== undefined) return known;
  const schema = CLIENT_MESSAGES[type];
  const check = ajv.compile(part === "frame" ? schema : schema.properties.data);
  checks.set(key, check);
  return check;
}

/** Whether there is a message of this type that a client may send. */
export function isClientType(type: unknown): type is ClientType {
  return typeof type === "string" && Object.hasOwn(CLIENT_MESSAGES, type);
}

/** Reads a frame. In this order: is it JSON, is it an object, is its type known, does it hold what its schema says. */
export function readFrame(text: string): Result<AnyClientMessage, FrameFault> {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return fail({ error: errorBody("BAD_JSON", "the frame is no JSON"), id: undefined });
  }
  if (typeof frame !== "object" || frame === null || Array.isArray(frame))
    return fail({ error: errorBody("BAD_JSON", "the frame is no JSON object"), id: undefined });
  const { type, id } = frame as { readonly type?: unknown; readonly id?: unknown };
  const told = typeof id === "string" && id.length <= 36 ? id : undefined;
  if (!isClientType(type)) {
    const message = `a client does not send ${typeof type === "string" ? `"${type.slice(0, 64)}"` : "frames without type"}`;
    return fail({ error: errorBody("UNKNOWN_TYPE", message, { path: "/type" }), id: told });
  }
  const check = checkOf(type, "frame");
  if (check(frame)) return ok(frame as AnyClientMessage);
  return fail({ error: schemaError(check), id: told });
}

/** Holds data that came without a frame (over HTTP) to the schema of its message. */
export function checkData<Name extends ClientType>(
  type: Name,
  data: unknown,
): Result<ClientMessage<Name>["data"], ErrorBody> {
  const check = checkOf(type, "data");
  return check(data) ? ok(data as ClientMessage<Name>["data"]) : fail(schemaError(check));
}

function schemaError({ errors }: ValidateFunction): ErrorBody {
  const [first] = errors ?? [];
  const path = first === undefined ? "" : placeOf(first);
  const message = `${path === "" ? "the message" : path} ${first?.message ?? "does not fit its schema"}`;
  return errorBody("BAD_SCHEMA", message, { path });
}

function placeOf({ instancePath, keyword, params }: ErrorObject): string {
  const { additionalProperty, missingProperty } = params as Readonly<Record<string, unknown>>;
  const name =
    keyword === "additionalProperties" ? additionalProperty : keyword === "required" ? missingProperty : null;
  return typeof name === "string" ? `${instancePath}/${name}` : instancePath;
}
