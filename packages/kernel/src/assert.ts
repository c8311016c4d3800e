/** Thrown when the program breaks its own rules: a bug, never bad input. */
export class AssertionFailure extends Error {
  override readonly name = "AssertionFailure";
}

/** Stops a computation whose precondition does not hold. `message` says what should have been true. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(message);
}

/** Marks a branch that the type checker proves unreachable. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unreachable: ${String(value)}`);
}
