/** A time of day on the reader's clock; the instant in UTC stands behind it. */
import type { JSX } from "preact";
import { clockText } from "../market-clock.ts";

export function Instant({ at }: { readonly at: number }): JSX.Element {
  const utc = new Date(at).toISOString();
  return (
    <time dateTime={utc} title={`${utc.slice(0, 16).replace("T", " ")} UTC`}>
      {clockText(at)}
    </time>
  );
}
