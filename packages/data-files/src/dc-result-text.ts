/** Writes a cleared meshed network as JSON with exact decimals. */
import { minus } from "@micromarket/kernel";
import type { DcNetwork, DcResult } from "@micromarket/grid";
import { fillLines, jsonLines, numbersOf, objectText, quoted } from "./result-text.ts";

/** The answer as JSON text, ended by a line feed. `names` are the buses' names as JSON texts. */
export function writeDcResult(result: DcResult, network: DcNetwork, names: readonly string[], scale: number): string {
  const context = { mechanism: "uniform", scale };
  const { decimal, amount } = numbersOf(context);
  const nameOf = (bus: number | undefined): string => names[bus ?? 0] ?? "null";
  return objectText({
    model: quoted("dc"),
    surplus: amount(result.surplus),
    cost: amount(result.cost),
    quantity: decimal(result.energy),
    nodes: jsonLines(
      result.buses.map((bus, at) => ({ ...bus, at })),
      ({ at, price, interval, netImport, energy }) => [
        ["id", nameOf(at)],
        ["price", decimal(price)],
        ["priceInterval", `[${decimal(interval.low)}, ${decimal(interval.high)}]`],
        ["netImport", decimal(netImport)],
        [
          "parts",
          price === null || energy === null
            ? "null"
            : `{ "energy": ${decimal(energy)}, "congestion": ${decimal(minus(price, energy))}, ` +
              `"loss": ${decimal(0)}, "fee": ${decimal(0)} }`,
        ],
      ],
    ),
    lines: jsonLines(
      result.lines.map((line, at) => ({ ...line, at })),
      ({ at, flow, shadowPrice, rent }) => [
        ["from", nameOf(network.lines[at]?.from)],
        ["to", nameOf(network.lines[at]?.to)],
        ["flow", decimal(flow)],
        ["shadowPrice", decimal(shadowPrice)],
        ["fee", amount(0n)],
        ["loss", decimal(0)],
        ["rent", amount(rent)],
      ],
    ),
    fills: fillLines(result.fills, context),
    rejected: jsonLines(result.rejections, ({ id, code }) => [
      ["id", quoted(id)],
      ["code", quoted(code)],
    ]),
  });
}
