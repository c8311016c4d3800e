/** A named value. */
import type { ComponentChildren, JSX } from "preact";

export function Fact(props: {
  readonly name: ComponentChildren;
  readonly field: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd class="figure" data-field={props.field}>
        {props.children}
      </dd>
    </div>
  );
}
