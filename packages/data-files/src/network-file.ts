/**
 * Reads a network with the orders of one slot from JSON (`micromarket grid clear`). Numbers are read like those of a
 * book: decimals in any one consistent unit, kept exactly, never rounded.
 */
import { fail, ok, problemLog, suggest, type InputProblem, type Result } from "@micromarket/kernel";
import { readScale } from "./book-file.ts";
import { complain, complainOfType, type JsonFields, type JsonReading } from "./json-fields.ts";
import { isJsonObject, readJson } from "./json-text.ts";
import { readDcNetwork } from "./dc-network-file.ts";
import type { NetworkFile, NetworkReader } from "./network.ts";
import { readTreeNetwork } from "./tree-network-file.ts";

const MODELS: ReadonlyMap<string, NetworkReader> = new Map([
  ["tree", readTreeNetwork],
  ["dc", readDcNetwork],
]);

/** Reads a network; `fileName` is the name that its problems carry. */
export function readNetworkFile(text: string, fileName: string): Result<NetworkFile, InputProblem[]> {
  const json = readJson(text, fileName);
  if (!json.ok) return json;
  const reading: JsonReading = { json: json.value, problems: problemLog() };
  const { value } = json.value;
  const fields: JsonFields = { reading, object: isJsonObject(value) ? value : {}, path: [] };
  if (!isJsonObject(value))
    complainOfType(fields, null, value, 'an object: { "model": "tree", "nodes": [ … ], "orders": [ … ] }');
  const read = isJsonObject(value) ? readerOf(fields) : null;
  const scale = read === null ? null : readScale(fields);
  const network = read === null || scale === null ? null : read(fields, scale);
  return network === null || reading.problems.count() > 0 ? fail(reading.problems.list()) : ok(network);
}

function readerOf(fields: JsonFields): NetworkReader | null {
  const model = fields.object["model"];
  if (typeof model !== "string") return complainOfType(fields, "model", model, '"tree" or "dc"');
  const read = MODELS.get(model);
  if (read !== undefined) return read;
  const what = `unknown model ${JSON.stringify(model)}`;
  return complain(fields, "model", { code: "MODEL_UNKNOWN", what, mend: suggest(model, [...MODELS.keys()]) });
}
