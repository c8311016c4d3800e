/**
 * A feeder tree as a linear programme, written from the network alone: the referee of tree clearing.
 *
 * Variables: what each step gets, and both directions of each line. Rows: the balance of each node. Losses are exact
 * fractions here, so that an optimum may differ from one in whole watt-hours by a watt-hour a line.
 */
import { ProgramBuilder, type LinearProgram, type TreeNetwork, type Tie } from "@micromarket/grid";
import type { Tender } from "@micromarket/market";

/** A programme and which column is what. */
export interface TreeProgram {
  readonly program: LinearProgram;
  /** Per tender and step, in order. */
  readonly stepColumns: readonly (readonly number[])[];
  /** Per node: down, up; `null` for the root. */
  readonly lineColumns: readonly (readonly [number, number] | null)[];
}

/** The programme of `network` with these tenders; a market order counts at `anyPrice`. */
export function treeProgram(
  { nodes, tenders }: TreeNetwork,
  accepted: ReadonlySet<Tender>,
  anyPrice: { readonly buy: number; readonly sell: number },
): TreeProgram {
  const builder = new ProgramBuilder();
  const rows = new Map(nodes.map(({ id }) => [id, builder.row(0, 0)]));
  const rowOf = (id: string): number => rows.get(id) ?? -1;
  const stepColumns = tenders.map(({ node, tender }) =>
    tender.steps.map(({ price, energy }) => {
      const limit = price ?? anyPrice[tender.side];
      const [cost, coefficient] = tender.side === "buy" ? [-limit, -1] : [limit, 1];
      const most = accepted.has(tender) ? energy : 0;
      return builder.column(cost, 0, most, [{ row: rowOf(node), coefficient }]);
    }),
  );
  const lineColumns = nodes.map(({ id, above }) =>
    above === null ? null : lineOf(builder, rowOf(id), rowOf(above.id), above.tie),
  );
  return { program: builder.build(), stepColumns, lineColumns };
}

function lineOf(builder: ProgramBuilder, below: number, above: number, tie: Tie): readonly [number, number] {
  const arrives = (1_000_000 - tie.loss) / 1_000_000;
  const down = builder.column(tie.feeIn, 0, tie.importLimit ?? Infinity, [
    { row: above, coefficient: -1 },
    { row: below, coefficient: arrives },
  ]);
  const up = builder.column(tie.feeOut, 0, tie.exportLimit ?? Infinity, [
    { row: below, coefficient: -1 },
    { row: above, coefficient: arrives },
  ]);
  return [down, up];
}
