/** On the wire the unit of a number is in its name: here it is in words. */

const UNITS: readonly (readonly [suffix: RegExp, unit: string])[] = [
  [/_micro_per_kwh$/, "10^-6 of the currency per kWh"],
  [/_nano$/, "10^-9 of the currency, as a text of digits"],
  [/_wh$/, "Wh"],
  [/_w$/, "W"],
  [/(?:^|_)ms(?:_max)?$/, "ms"],
  [/_bytes(?:_max)?$/, "bytes"],
  [/^per_second$/, "1/s"],
  [/_per_million$/, "10^-6"],
];

/** The unit that the name of a field ends in; `null`: none. */
export function unitOfName(name: string): string | null {
  return UNITS.find(([suffix]) => suffix.test(name))?.[1] ?? null;
}
