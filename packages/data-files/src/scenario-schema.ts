/**
 * What a scenario file may hold: the one source of the published JSON Schema (`simulations/schema/`), of the check at
 * run time and of the type that the reader works with.
 *
 * Titles and examples are what error messages are made of. Nothing that changes an energy has a default: step, unit
 * and stamps of a series have to be said.
 */
import { Type, type Static, type TSchema } from "@sinclair/typebox";
import {
  CARBON_PATTERN,
  DURATION_PATTERN,
  POWER_OR_ENERGY_PATTERN,
  POWER_PATTERN,
  PRICE_PATTERN,
} from "./quantity-text.ts";
import { amount, settlementSection, share } from "./settlement-schema.ts";
import { gridSection } from "./grid-schema.ts";

const closed = { additionalProperties: false } as const;

/** One of several words. */
export function choice<const Choice extends string>(
  choices: readonly Choice[],
  description: string,
): TSchema & { static: Choice } {
  return Type.Unsafe<Choice>({ type: "string", enum: [...choices], description, examples: [choices[0]] });
}

/** A text of a pattern; title and example make its error messages. */
export function pattern(
  text: string,
  title: string,
  example: string,
  description: string,
): ReturnType<typeof Type.String> {
  return Type.String({ pattern: text, title, examples: [example], description });
}

/** A price. */
export const price = (description: string): ReturnType<typeof Type.String> =>
  pattern(PRICE_PATTERN, "a price with its unit", "0.32 EUR/kWh", description);
/** A length of time. */
export const duration = (description: string, example = "15m"): ReturnType<typeof Type.String> =>
  pattern(DURATION_PATTERN, "a length of time with its unit", example, description);
const zone = Type.String({
  description: "IANA name, or a fixed offset in quotes for clocks that never change",
  examples: ["Europe/Berlin"],
});
const file = Type.String({ minLength: 1, description: "Path, relative to this scenario file", examples: ["home.csv"] });
const column = Type.Unsafe<string | number>({
  type: ["string", "integer"],
  minimum: 1,
  title: "a column's name or number",
  description: "Name in the header (empty text for an unnamed column), or number from 1",
  examples: ["load"],
});

const seriesOptions = {
  step: Type.Optional(duration("Time from row to row", "1h")),
  zone: Type.Optional(zone),
  stamps: Type.Optional(
    Type.Union([
      Type.Unsafe<"none">({ type: "string", enum: ["none"], description: "Rows are counted from `start`" }),
      Type.Object(
        {
          column,
          format: Type.Optional(
            Type.String({ description: "iso, unix, unix-ms, or tokens such as yyyy-MM-dd HH:mm", examples: ["iso"] }),
          ),
          at: Type.Optional(choice(["start", "end"], "Whether a stamp names the start or the end of its step")),
        },
        { ...closed, examples: [{ column: "timestamp" }] },
      ),
    ]),
  ),
  start: Type.Optional(
    Type.String({ description: "Start of the first row of a file without stamps; the run's start by default" }),
  ),
  gaps: Type.Optional(
    choice(
      ["refuse", "hold", "previous-day", "zero", "spread"],
      "What stands for a missing value: an error, the value before, the same step of the day before, 0, or (counters) an even spread",
    ),
  ),
  negative: Type.Optional(choice(["refuse", "zero"], "What becomes of a value of the wrong sign")),
  duplicates: Type.Optional(choice(["refuse", "first", "last"], "Which row counts when a stamp stands twice")),
  delimiter: Type.Optional(choice([",", ";", "|", "tab"], "What separates cells")),
  decimal: Type.Optional(choice([".", ","], "The decimal sign")),
  headerRows: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 9, description: "Rows before the data; their names are joined with /" }),
  ),
};

const ENERGY_UNITS = ["kWh", "Wh", "MWh", "kW", "W", "MW"] as const;
const SPECIFIC_UNITS = ["W/kW", "W/kWp", "Wh/kW", "Wh/kWp", "kWh/kW", "kWh/kWp"] as const;

const energyColumn = {
  file,
  column,
  sign: Type.Optional(choice(["consumption-positive", "generation-positive"], "Which flow the file counts positive")),
  kind: Type.Optional(choice(["interval", "counter"], "A value of each step, or a register that only goes up")),
  ...seriesOptions,
};

const loadColumn = Type.Object(
  { unit: choice(ENERGY_UNITS, "Energy of the step, or mean power over it"), ...energyColumn },
  closed,
);

const nameplate = Type.Union([
  pattern(POWER_PATTERN, "a power with its unit", "4 kW", "Rated power of the plant"),
  Type.Object(
    { file, keyColumn: column, key: Type.String(), column, unit: choice(["kW", "W", "MW"], "Unit of the column") },
    { ...closed, description: "Looked up in a table: `column` of the row whose `keyColumn` holds `key`" },
  ),
]);

const pvColumn = Type.Object(
  {
    unit: choice([...ENERGY_UNITS, ...SPECIFIC_UNITS], "Energy of the step or mean power over it; per kW of nameplate"),
    nameplate: Type.Optional(nameplate),
    ...energyColumn,
  },
  closed,
);

const round = Type.Optional(choice(["refuse", "nearest"], "What becomes of digits that cannot be kept"));
const priceColumn = Type.Object(
  { file, column, unit: Type.String({ title: "a unit of price", examples: ["EUR/kWh"] }), round, ...seriesOptions },
  closed,
);
const carbonColumn = Type.Object(
  { file, column, unit: choice(["g/kWh", "kg/kWh"], "Unit"), round, ...seriesOptions },
  closed,
);

const clock = pattern("^(?:[01]\\d|2[0-3]):[0-5]\\d$|^24:00$", "a time of day", "16:00", "Local time of day");
const windowTimes = {
  from: clock,
  to: clock,
  days: Type.Optional(Type.Array(choice(["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "Day"), { minItems: 1 })),
  months: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 12 }), { minItems: 1 })),
};
const timeOfUse = Type.Object(
  {
    otherwise: price("Price outside the windows"),
    zone: Type.Optional(zone),
    windows: Type.Array(Type.Object({ ...windowTimes, price: price("Price inside the window") }, closed), {
      minItems: 1,
      description: "The first that holds the start of a slot counts; `to` may lie on the next day",
    }),
  },
  { ...closed, description: "Time of use" },
);
const tariff = Type.Union([price("The same in every slot"), timeOfUse, priceColumn], {
  title: "a price, a time-of-use table or a column",
});
/** A limit at the tie. */
export const limit = pattern(
  POWER_OR_ENERGY_PATTERN,
  "a power, or an energy per slot, with its unit",
  "100 kW",
  "Power, or energy per slot; absent: more than any neighbourhood needs",
);

const generate = Type.Object(
  {
    count: Type.Integer({ minimum: 1, maximum: 100_000, examples: [20] }),
    pvShare: Type.Optional(
      pattern(
        "^\\d+(?:\\.\\d+)?\\s*%$",
        "a share with its unit",
        "50 %",
        "Share of the homes that have PV; 50 % by default",
      ),
    ),
    nameplate: Type.Optional(
      Type.Object(
        {
          from: pattern(POWER_PATTERN, "a power with its unit", "3 kW", "Smallest plant"),
          to: pattern(POWER_PATTERN, "a power with its unit", "10 kW", "Largest plant"),
        },
        { ...closed, description: "Rated powers are drawn evenly between the two; 3 kW to 10 kW by default" },
      ),
    ),
  },
  { ...closed, description: "Made-up homes, named home-1, home-2, …, drawn from the seed", examples: [{ count: 20 }] },
);

const funds = {
  deposit: Type.Optional(amount("What each home pays in before the first slot; takes market.settlement")),
  creditLine: Type.Optional(amount("How far each home may owe; takes a market.settlement that lends")),
};

const home = Type.Object(
  {
    id: Type.String({
      minLength: 1,
      description: "Name of the home; {n} is the number of `each`",
      examples: ["home-{n}"],
    }),
    each: Type.Optional(
      Type.Object(
        {
          from: Type.Integer({ minimum: 0, maximum: 100_000 }),
          to: Type.Integer({ minimum: 0, maximum: 100_000 }),
          except: Type.Optional(Type.Array(Type.Integer({ minimum: 0 }))),
        },
        {
          ...closed,
          description: "Makes one home for each number; {n} in texts stands for it",
          examples: [{ from: 1, to: 17 }],
        },
      ),
    ),
    load: Type.Optional(loadColumn),
    pv: Type.Optional(pvColumn),
    ...funds,
  },
  closed,
);

/** A bid: a price, or the word that stands for one. */
export const bid = (word: string, description: string): TSchema & { static: string } =>
  Type.Unsafe<string>({
    type: "string",
    pattern: `${PRICE_PATTERN}|^${word}$`,
    title: `a price with its unit, or "${word}"`,
    examples: [word],
    description,
  });

/** The market: the same section in every file that has one. */
export const marketSection = Type.Object(
  {
    id: Type.Optional(Type.String({ minLength: 1, maxLength: 128, description: "The scenario's name by default" })),
    currency: Type.String({ pattern: "^[A-Z]{3}$", title: "an ISO 4217 code", examples: ["EUR"] }),
    priceFloor: Type.Optional(price("Lowest price of a tender")),
    priceCap: Type.Optional(price("Highest price of a tender")),
    tick: Type.Optional(price("Prices are multiples of it; a millionth by default")),
    k: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: "Place of the price in its interval; 0.5 by default" }),
    ),
    rationing: Type.Optional(choice(["pro-rata", "time-priority"], "Who of equals is served first")),
    gateLead: Type.Optional(duration("A slot's gate closes this long before it starts; 5m by default", "5m")),
    tenderHorizon: Type.Optional(
      duration("Tenders are taken for slots at most this long ahead; 24h by default", "24h"),
    ),
    settlement: Type.Optional(settlementSection({ price, duration })),
  },
  { ...closed, examples: [{ currency: "EUR" }] },
);

const grid = gridSection({
  price: price("Lowest or highest bid"),
  tariff,
  times: windowTimes,
  column: { file, column, round, ...seriesOptions },
});

/** The whole file. */
export const ScenarioSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 128, examples: ["street-20"] }),
    description: Type.Optional(Type.String()),
    start: Type.String({
      description: "Start of the first slot: ISO 8601 with an offset, or local time with `zone`",
      examples: ["2026-07-01T00:00+02:00"],
    }),
    zone: Type.Optional(zone),
    horizon: Type.Object(
      {
        days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_660 })),
        slots: Type.Optional(Type.Integer({ minimum: 1, maximum: 5_300_000 })),
      },
      {
        ...closed,
        minProperties: 1,
        maxProperties: 1,
        description: "Calendar days in `zone`, or slots",
        examples: [{ days: 1 }],
      },
    ),
    slot: duration("Length of a slot; it divides a day"),
    market: marketSection,
    supplier: Type.Object(
      {
        id: Type.Optional(Type.String({ minLength: 1, maxLength: 128, description: '"supplier" by default' })),
        tariff,
        feedIn: tariff,
        importLimit: Type.Optional(limit),
        exportLimit: Type.Optional(limit),
      },
      { ...closed, examples: [{ tariff: "0.32 EUR/kWh", feedIn: "0.08 EUR/kWh" }] },
    ),
    carbon: Type.Optional(
      Type.Union(
        [
          pattern(CARBON_PATTERN, "a carbon intensity with its unit", "380 g/kWh", "CO2 equivalent of grid import"),
          carbonColumn,
        ],
        {
          title: "a carbon intensity or a column",
        },
      ),
    ),
    series: Type.Optional(
      Type.Object(seriesOptions, { ...closed, description: "Defaults for every column of every file" }),
    ),
    homes: Type.Object(
      { generate: Type.Optional(generate), list: Type.Optional(Type.Array(home, { minItems: 1 })), ...funds },
      { ...closed, minProperties: 1, examples: [{ generate: { count: 20 } }] },
    ),
    meters: Type.Optional(
      Type.Object(
        {
          noise: Type.Optional(share("Each slot is counted wrong by up to this share; 0 by default")),
          gaps: Type.Optional(share("How often the reading at a slot's end does not come; 0 by default")),
        },
        {
          ...closed,
          description: "The homes' meters; takes market.settlement",
          examples: [{ noise: 0.02, gaps: 0.01 }],
        },
      ),
    ),
    grid: Type.Optional(grid),
    agents: Type.Optional(
      Type.Object(
        {
          forecast: Type.Optional(
            choice(["perfect", "persistence"], "How agents guess the slot ahead; perfect by default"),
          ),
          load: Type.Optional(bid("cap", "What load bids; the market's cap by default: it must run")),
          pvReserve: Type.Optional(bid("feed-in", "The least that PV takes; 0 by default")),
        },
        closed,
      ),
    ),
    outputs: Type.Optional(
      Type.Object(
        {
          slots: Type.Optional(Type.Boolean({ description: "Write slots.csv, of a tree levels.csv; true by default" })),
          trades: Type.Optional(Type.Boolean({ description: "Write trades.csv, of one market only; true by default" })),
          bills: Type.Optional(Type.Boolean({ description: "Write bills.csv; true by default" })),
          nodes: Type.Optional(
            Type.Boolean({ description: "Of a tree write nodes.csv, a row per node and slot; true by default" }),
          ),
        },
        closed,
      ),
    ),
  },
  { ...closed, $schema: "http://json-schema.org/draft-07/schema#", title: "Micromarket scenario" },
);

/** A file that passed the check. */
export type ScenarioFile = Static<typeof ScenarioSchema>;
/** Defaults for columns, and what each column may say itself. */
export type SeriesOptions = NonNullable<ScenarioFile["series"]>;
/** A column of energies. */
export type EnergyColumn = Static<typeof pvColumn>;
/** A column of prices or carbon intensities. */
export type LevelColumn = Static<typeof priceColumn>;
/** A tariff or feed-in price. */
export type TariffText = Static<typeof tariff>;
/** A time-of-use table. */
export type TimeOfUse = Static<typeof timeOfUse>;
/** The section `grid`, one of its nodes, a limit and a loss of its tie. */
export type GridText = NonNullable<ScenarioFile["grid"]>;
export type NodeText = GridText["nodes"][number];
export type LimitText = NonNullable<NodeText["importLimit"]>;
export type LossText = NonNullable<NodeText["loss"]>;
/** One entry of `homes.list`. */
export type HomeEntry = Static<typeof home>;
/** What a home has to begin with. */
export type FundsText = Pick<HomeEntry, "deposit" | "creditLine">;
/** What `homes.generate` holds. */
export type GenerateText = Static<typeof generate>;
/** A plant's rated power. */
export type NameplateText = Static<typeof nameplate>;
/** Which tables a run writes. */
export interface OutputChoice {
  readonly slots: boolean;
  readonly trades: boolean;
  readonly bills: boolean;
  readonly nodes: boolean;
}

/** The published JSON Schema, as text. */
export function scenarioSchemaText(): string {
  return `${JSON.stringify(ScenarioSchema, null, 2)}\n`;
}
