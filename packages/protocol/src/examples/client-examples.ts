/** All examples of what a client sends, in an order in which they can be sent. */
import type { ClientType } from "../wire/messages.ts";
import type { ClientExample } from "./client-example.ts";
import { QUOTE_EXAMPLES, REFERENCE_EXAMPLES, SETTLEMENT_EXAMPLES } from "./cts-examples.ts";
import { ORDER_EXAMPLES } from "./order-examples.ts";
import { GREETING_EXAMPLES, SESSION_EXAMPLES } from "./session-examples.ts";

/** A session from its first word to its last. */
export const CLIENT_EXAMPLES: readonly ClientExample[] = [
  ...GREETING_EXAMPLES,
  ...SESSION_EXAMPLES,
  ...REFERENCE_EXAMPLES,
  ...ORDER_EXAMPLES.filter(({ after }) => after === undefined),
  ...QUOTE_EXAMPLES,
  ...ORDER_EXAMPLES.filter(({ after }) => after === "gate"),
  ...SETTLEMENT_EXAMPLES,
];

/** What answers a message of a client, beside `error`; empty: nothing does. Of HTTP it is the answer's body. */
export function answersTo(type: ClientType): readonly string[] {
  const answers = CLIENT_EXAMPLES.flatMap((example) =>
    example.type === type && example.answer !== null ? [example.answer] : [],
  );
  return [...new Set(answers)];
}
