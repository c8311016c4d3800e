/** Writes a cleared tree as JSON with exact decimals. */
import type { TreeNetwork, TreeResult } from "@micromarket/grid";
import { fillLines, jsonLines, numbersOf, objectText, quoted } from "./result-text.ts";

/** The answer as JSON text, ended by a line feed. */
export function writeTreeResult(result: TreeResult, { nodes }: TreeNetwork, scale: number): string {
  const context = { mechanism: "uniform", scale };
  const { decimal, amount } = numbersOf(context);
  const above = new Map(nodes.map((node) => [node.id, node.above?.id ?? null]));
  const lines = result.nodes.flatMap(({ id, line }) => (line === null ? [] : [{ id, ...line }]));
  return objectText({
    model: quoted("tree"),
    surplus: amount(result.surplus),
    quantity: decimal(result.energy),
    scarcity: `[${result.scarcity.map(quoted).join(", ")}]`,
    flags: `[${result.flags.map(quoted).join(", ")}]`,
    nodes: jsonLines(result.nodes, ({ id, price, interval, parts, line }) => [
      ["id", quoted(id)],
      ["price", decimal(price)],
      ["priceInterval", `[${decimal(interval.low)}, ${decimal(interval.high)}]`],
      ["netImport", decimal(line?.flow.sent ?? 0)],
      [
        "parts",
        parts === null
          ? "null"
          : `{ "energy": ${decimal(parts.energy)}, "congestion": ${decimal(parts.congestion)}, ` +
            `"loss": ${decimal(parts.loss)}, "fee": ${decimal(parts.fee)} }`,
      ],
    ]),
    lines: jsonLines(lines, ({ id, flow, shadowPrice, money, flags }) => [
      ["from", quoted(id)],
      ["to", quoted(above.get(id) ?? "")],
      ["flow", decimal(-flow.sent)],
      ["shadowPrice", decimal(shadowPrice)],
      ["fee", amount(money.fees)],
      ["loss", decimal(flow.lost)],
      ["rent", amount(money.rent)],
      ["residue", amount(money.residue)],
      ...(flags.length === 0 ? [] : [["flags", `[${flags.map(quoted).join(", ")}]`] as const]),
    ]),
    fills: fillLines(result.fills, context),
    rejected: jsonLines(result.rejections, ({ id, code }) => [
      ["id", quoted(id)],
      ["code", quoted(code)],
    ]),
  });
}
