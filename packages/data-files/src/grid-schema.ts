/** What a scenario file may say of a tree of markets: its nodes, their ties, who lives where, and islands. */
import { Type, type TProperties, type TSchema } from "@sinclair/typebox";
import { POWER_OR_ENERGY_PATTERN } from "./quantity-text.ts";

const closed = { additionalProperties: false } as const;

const share = (description: string, example: string): ReturnType<typeof Type.String> =>
  Type.String({
    pattern: "^\\d+(?:\\.\\d+)?\\s*%$",
    title: "a share with its unit",
    examples: [example],
    description,
  });
const name = Type.String({ minLength: 1, examples: ["street-1"] });
const count = Type.Integer({ minimum: 0, maximum: 100_000 });
const limitText = Type.String({
  pattern: POWER_OR_ENERGY_PATTERN,
  title: "a power, or an energy per slot, with its unit",
  examples: ["100 kW"],
});
const unit = <const Unit extends string>(...units: readonly Unit[]): TSchema & { static: Unit } =>
  Type.Unsafe<Unit>({ type: "string", enum: [...units], examples: [units[0]] });

/** A limit: a text, a table by time of day whose windows have `times`, or a column that says `column`. */
function limitSchema<Times extends TProperties, Column extends TProperties>(times: Times, column: Column) {
  const table = {
    otherwise: limitText,
    zone: Type.Optional(Type.String()),
    windows: Type.Array(Type.Object({ ...times, limit: limitText }, closed), { minItems: 1 }),
  };
  const ofColumn = { ...column, unit: unit("kW", "W", "MW", "kWh", "Wh", "MWh") };
  return Type.Union([limitText, Type.Object(table, closed), Type.Object(ofColumn, closed)], {
    title: "a limit, a table of limits by time of day, or a column",
    description: "Power, or energy per slot, at the sending end; absent: none",
  });
}

function lossSchema<Column extends TProperties>(column: Column) {
  const text = share("What the tie loses of what is sent", "1.5 %");
  return Type.Union([text, Type.Object({ ...column, unit: unit("%", "ppm") }, closed)], {
    title: "a share with its unit, or a column",
  });
}

const nodeName = {
  id: Type.String({
    minLength: 1,
    description: "Name of the node; {n} is the number of `each`, {parent} the name of the node above",
    examples: ["street-{n}"],
  }),
  each: Type.Optional(
    Type.Object(
      { from: count, to: count },
      { ...closed, description: "Makes a node for each number, below each parent", examples: [{ from: 1, to: 10 }] },
    ),
  ),
  parent: Type.Optional(
    Type.String({
      minLength: 1,
      description: "An earlier node, or the `id` of an earlier entry as it is written there: each of its nodes",
      examples: ["district"],
    }),
  ),
  homes: Type.Optional(
    Type.Union([count, Type.Array(name, { minItems: 1 })], {
      title: "a number of homes, or a list of their names",
      description: "Who lives at the node: so many of the homes that have no place yet, or those that are named",
      examples: [10],
    }),
  ),
};

const listedIsland = Type.Object(
  {
    node: name,
    slots: Type.Object(
      { from: Type.Integer({ minimum: 1 }), to: Type.Integer({ minimum: 1 }) },
      { ...closed, description: "Numbers of slots from 1, both included", examples: [{ from: 1, to: 4 }] },
    ),
  },
  closed,
);
const randomIslands = Type.Object(
  {
    probability: share("How likely a connected node is cut off in a slot; drawn from the seed", "0.1 %"),
    slots: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1_000_000, description: "How many slots it lasts; 1 by default" }),
    ),
  },
  closed,
);
const tree = {
  levels: Type.Optional(
    Type.Array(name, { minItems: 1, description: "What to call each level, the root's first; level-0, … by default" }),
  ),
  islanding: Type.Optional(
    Type.Object(
      { list: Type.Optional(Type.Array(listedIsland, { minItems: 1 })), random: Type.Optional(randomIslands) },
      { ...closed, minProperties: 1, description: "Nodes that are cut off the market above them" },
    ),
  ),
  positionSteps: Type.Optional(
    Type.Integer({ minimum: 2, maximum: 100_000, description: "Most steps of a position; no limit by default" }),
  ),
  membersMin: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 100_000,
      description: "With fewer behind it a position has one step per direction; 0 by default",
    }),
  ),
};

/** What the section shares with the rest of the file. */
export interface SharedSchemas<Tariff extends TSchema, Times extends TProperties, Column extends TProperties> {
  readonly price: TSchema & { static: string };
  /** A price, a table by time of day or a column of prices. */
  readonly tariff: Tariff;
  /** When a window of a table is open. */
  readonly times: Times;
  /** What every column may say. */
  readonly column: Column;
}

/** The section `grid`. */
export function gridSection<Tariff extends TSchema, Times extends TProperties, Column extends TProperties>({
  price,
  tariff,
  times,
  column,
}: SharedSchemas<Tariff, Times, Column>) {
  const [limit, fee] = [Type.Optional(limitSchema(times, column)), Type.Optional(tariff)];
  const tie = {
    importLimit: limit,
    exportLimit: limit,
    feeIn: fee,
    feeOut: fee,
    loss: Type.Optional(lossSchema(column)),
  };
  const loadBids = Type.Optional(
    Type.Object(
      { from: price, to: price },
      { ...closed, description: "What the load of each home bids, drawn evenly from the seed; agents.load by default" },
    ),
  );
  const nodes = Type.Array(Type.Object({ ...nodeName, ...tie }, closed), {
    minItems: 1,
    description: "The root, which has no parent, and all below it",
  });
  return Type.Object(
    { nodes, loadBids, ...tree },
    {
      ...closed,
      description: "A tree of markets instead of one",
      examples: [{ nodes: [{ id: "district", homes: 20 }] }],
    },
  );
}
