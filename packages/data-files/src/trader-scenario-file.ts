/** Reads a scenario of traders (`micromarket traders`): JSON, prices as whole numbers of any one unit. */
import { fail, ok, problemLog, type InputProblem, type Result } from "@micromarket/kernel";
import type { TraderScenario } from "@micromarket/simulation";
import {
  checkKeys,
  complain,
  complainOfType,
  identifierField,
  type JsonFields,
  type JsonReading,
} from "./json-fields.ts";
import { isJsonList, isJsonObject, NumberText, readJson, type JsonValue } from "./json-text.ts";

const KEYS = ["name", "lowest", "highest", "buyers", "sellers", "periods", "quotes", "withdrawAfterTrade"];
/** Most ticks, periods and quotes, so that nobody waits for ever. */
const [TICKS_MAX, PERIODS_MAX, QUOTES_MAX] = [1_000_000, 10_000, 10_000_000];

/** Reads a scenario; `fileName` is the name that its problems carry. */
export function readTraderScenario(text: string, fileName: string): Result<TraderScenario, InputProblem[]> {
  const json = readJson(text, fileName);
  if (!json.ok) return json;
  const reading: JsonReading = { json: json.value, problems: problemLog() };
  const { value } = json.value;
  const fields: JsonFields = { reading, object: isJsonObject(value) ? value : {}, path: [] };
  if (!isJsonObject(value)) complainOfType(fields, null, value, 'an object: { "name": …, "buyers": [ … ] }');
  const scenario = isJsonObject(value) ? readScenario(fields) : null;
  return scenario === null || reading.problems.count() > 0 ? fail(reading.problems.list()) : ok(scenario);
}

function readScenario(fields: JsonFields): TraderScenario {
  checkKeys(fields, KEYS);
  const name = identifierField(fields, "name", null) ?? "";
  const lowest = wholeNumber(fields, "lowest", fields.object["lowest"], -TICKS_MAX, TICKS_MAX);
  const highest = wholeNumber(fields, "highest", fields.object["highest"], lowest, lowest + TICKS_MAX);
  const limits = (key: string): number[][] => readLimits(fields, key, lowest, highest);
  const flag = fields.object["withdrawAfterTrade"] ?? false;
  if (typeof flag !== "boolean") complainOfType(fields, "withdrawAfterTrade", flag, "true or false");
  return {
    ...{ name, lowest, highest, buyers: limits("buyers"), sellers: limits("sellers") },
    periods: wholeNumber(fields, "periods", fields.object["periods"], 1, PERIODS_MAX),
    quotes: wholeNumber(fields, "quotes", fields.object["quotes"], 1, QUOTES_MAX),
    withdrawAfterTrade: flag === true,
  };
}

/** For each trader its units' values or costs. */
function readLimits(fields: JsonFields, key: string, lowest: number, highest: number): number[][] {
  const list = fields.object[key];
  if (!isJsonList(list) || list.length === 0) {
    complainOfType(fields, key, list, "a list with a list of whole numbers for each trader");
    return [];
  }
  return list.map((units, index) => {
    const inner: JsonFields = { ...fields, path: [...fields.path, key] };
    if (isJsonList(units) && units.length > 0) {
      const unit: JsonFields = { ...fields, path: [...fields.path, key, index] };
      return units.map((value, place) => wholeNumber(unit, place, value, lowest, highest));
    }
    complainOfType(inner, index, units, "a list of whole numbers, one a unit");
    return [];
  });
}

function wholeNumber(
  fields: JsonFields,
  key: string | number,
  value: JsonValue | undefined,
  least: number,
  most: number,
): number {
  const number = value instanceof NumberText && /^-?\d{1,15}$/.test(value.text) ? Number(value.text) : Number.NaN;
  if (number >= least && number <= most) return number;
  const wanted = `a whole number from ${least} to ${most}`;
  if (!(value instanceof NumberText)) complainOfType(fields, key, value, wanted);
  else
    complain(fields, key, {
      code: "NUMBER_OUT_OF_RANGE",
      what: `${value.text} is out of range`,
      mend: `write ${wanted}`,
    });
  return least;
}
