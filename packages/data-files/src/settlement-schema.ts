/** How a market is paid and settled, as files say it: a part of the market's section. */
import { Type, type TSchema } from "@sinclair/typebox";
import { AMOUNT_PATTERN } from "./quantity-text.ts";

const closed = { additionalProperties: false } as const;

/** A share between nothing and the whole. */
export const share = (description: string): ReturnType<typeof Type.Number> =>
  Type.Number({ minimum: 0, maximum: 1, title: "a share", description, examples: [0.1] });

/** An amount of money. */
export const amount = (description: string): ReturnType<typeof Type.String> =>
  Type.String({ pattern: AMOUNT_PATTERN, title: "an amount with its currency", description, examples: ["50 EUR"] });

const kind = <Name extends string>(name: Name, description: string) => Type.Literal(name, { description });

/** The section. */
export function settlementSection<Price extends TSchema, Duration extends TSchema>(parts: {
  readonly price: (description: string) => Price;
  readonly duration: (description: string, example: string) => Duration;
}) {
  return Type.Object(
    {
      funding: Type.Union(
        [
          kind("prepaid", "Who buys has paid in before"),
          Type.Object(
            {
              creditLine: Type.Object(
                { collateral: Type.Optional(share("Kept aside of a line; 0 by default")) },
                closed,
              ),
            },
            { ...closed, description: "Paid in, or lent up to a line for each home" },
          ),
          Type.Object(
            { mutual: Type.Object({ limit: amount("What everybody may owe the others") }, closed) },
            { ...closed, description: "Members owe each other; all balances sum to 0" },
          ),
        ],
        { title: "prepaid, creditLine or mutual", examples: ["prepaid"] },
      ),
      bond: Type.Optional(share("What sellers set aside, of the price cap; 0.1 by default")),
      imbalance: Type.Optional(
        Type.Union(
          [
            kind("dual", "The supplier's two prices, never better than the slot's own"),
            kind("parent", "One price for the slot: the supplier's for the way in which all together deviated"),
            Type.Object(
              { penalty: share("Of the worth of a deviation at the slot's price") },
              { ...closed, description: "The slot's price, and a penalty" },
            ),
          ],
          { title: "dual, parent or a penalty", description: "dual by default", examples: ["dual"] },
        ),
      ),
      levies: Type.Optional(
        Type.Record(Type.String({ pattern: "^[a-z0-9-]{1,32}$" }), parts.price("Paid per kWh that is imported"), {
          ...closed,
          maxProperties: 16,
          description: "By name",
          examples: [{ "grid-fee": "0.09 EUR/kWh" }],
        }),
      ),
      readingsDue: Type.Optional(
        parts.duration("A missing reading is estimated so long after its slot; 1h by default", "1h"),
      ),
      trueUp: Type.Optional(parts.duration("A late reading counts so long after its slot; 60d by default", "60d")),
    },
    { ...closed, description: "Trades are held and settled by meter; without it they are posted at once, on credit" },
  );
}
