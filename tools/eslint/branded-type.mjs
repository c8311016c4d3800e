/**
 * How the kernel's brands look to the type checker: a primitive intersected with an object that carries one of the
 * kernel's unique symbols, `unit` for quantities, `kind` for identifiers and hashes.
 */

/**
 * @typedef {import("typescript").Type} Type
 * @typedef {import("typescript").TypeChecker} TypeChecker
 * @typedef {import("typescript").TypeReference} TypeReference
 */

/**
 * The checker files a property that is keyed by a unique symbol under `__@NAME@NUMBER`.
 *
 * @param {Type} type
 * @param {string} symbol
 */
function carries(type, symbol) {
  if (!type.isIntersection()) return false;
  return type.getProperties().some((property) => String(property.escapedName).startsWith(`__@${symbol}@`));
}

/**
 * Whether a value of this type may be a quantity: an energy, a price, an instant, …
 *
 * @param {Type} type
 * @param {TypeChecker} checker
 * @returns {boolean}
 */
export function isQuantity(type, checker) {
  const constraint = checker.getBaseConstraintOfType(type) ?? type;
  if (constraint.isUnion()) return constraint.types.some((member) => isQuantity(member, checker));
  return carries(constraint, "unit");
}

/**
 * The first branded type in `type`: itself, its constraint, a member of its union, the element of its list.
 *
 * @param {Type} type
 * @param {TypeChecker} checker
 * @returns {Type | undefined}
 */
export function findBrand(type, checker) {
  const seen = new Set([type]); // grows while it is walked; a type may contain itself
  for (const candidate of seen) {
    if (carries(candidate, "unit") || carries(candidate, "kind")) return candidate;
    for (const part of partsOf(candidate, checker)) seen.add(part);
  }
  return undefined;
}

/**
 * @param {Type} type
 * @param {TypeChecker} checker
 * @returns {readonly Type[]}
 */
function partsOf(type, checker) {
  if (type.isUnion()) return type.types;
  const constraint = checker.getBaseConstraintOfType(type);
  if (constraint !== undefined && constraint !== type) return [constraint];
  const isList = checker.isArrayType(type) || checker.isTupleType(type);
  return isList ? checker.getTypeArguments(/** @type {TypeReference} */ (type)) : [];
}
