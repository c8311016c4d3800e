/**
 * Forbids `/`, `%`, `*` and `**` on branded quantities: a quotient of watt-hours is no longer whole, a product of a
 * price and an energy leaves the safe integers, and neither has the unit that its operands had.
 */
import { isQuantity } from "./branded-type.mjs";

const OPERATORS = new Set(["/", "%", "*", "**", "/=", "%=", "*=", "**="]);

/** @type {import("eslint").Rule.RuleModule} */
export const noQuantityArithmetic = {
  meta: {
    type: "problem",
    docs: { description: "forbid / % * ** on branded quantities outside the kernel" },
    messages: {
      arithmetic:
        "`{{operator}}` on a quantity ({{type}}). Use the kernel: tradeValue for price × energy, apportion to split, " +
        "splitLoss for losses, times for multiples, floorDivide on bigints, energyOfPower for power × time, " +
        "slotAt, slotAfter, isSlotStart and stepsIn for slots. Where none of them fits, take plain numbers out first, " +
        "by name: `const energyWh: number = energy`.",
    },
    schema: [],
  },
  create(context) {
    const services = context.sourceCode.parserServices;
    const checker = services.program.getTypeChecker();

    function check(node) {
      if (!OPERATORS.has(node.operator)) return;
      const types = [node.left, node.right].map((operand) => services.getTypeAtLocation(operand));
      const type = types.find((candidate) => isQuantity(candidate, checker));
      if (type === undefined) return;
      context.report({
        node,
        messageId: "arithmetic",
        data: { operator: node.operator, type: checker.typeToString(type) },
      });
    }

    return { BinaryExpression: check, AssignmentExpression: check };
  },
};
