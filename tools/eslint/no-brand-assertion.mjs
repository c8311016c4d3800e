/**
 * Forbids `value as WattHours` and `<WattHours>value` for every brand of the kernel, also inside a union or a list:
 * an assertion makes a quantity of anything, a constructor only of a safe integer.
 */
import { findBrand } from "./branded-type.mjs";

const isConst = ({ type, typeName }) => type === "TSTypeReference" && typeName.name === "const";
const isEmptyList = (node) => node.type === "ArrayExpression" && node.elements.length === 0;

/** @type {import("eslint").Rule.RuleModule} */
export const noBrandAssertion = {
  meta: {
    type: "problem",
    docs: { description: "forbid type assertions to branded types outside the kernel" },
    messages: {
      assertion:
        "A type assertion goes past the check that makes a {{brand}} one. Call the kernel's constructor: wattHours, watts, " +
        "priceMicro, amountNano, instantMs, durationMs, partsPerMillion, partyId, tenderId, marketId, hashHex, ….",
    },
    schema: [],
  },
  create(context) {
    const services = context.sourceCode.parserServices;
    const checker = services.program.getTypeChecker();

    function check(node) {
      if (isConst(node.typeAnnotation) || isEmptyList(node.expression)) return;
      const brand = findBrand(services.getTypeAtLocation(node.typeAnnotation), checker);
      if (brand === undefined) return;
      context.report({ node, messageId: "assertion", data: { brand: checker.typeToString(brand) } });
    }

    return { TSAsExpression: check, TSTypeAssertion: check };
  },
};
