/** A question that keeps the rest of the page from being used until it is answered. Escape is "no". */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { RequestFailure } from "../api.ts";
import { recall, remember } from "../remembered-text.ts";

const OPERATOR = "operator";

export function ConfirmDialog(props: {
  readonly title: string;
  readonly confirm: string;
  readonly danger: boolean;
  readonly children: ComponentChildren;
  /** Does it in the name that was given; what it answers is shown. */
  readonly act: (by: string) => Promise<RequestFailure | null>;
  readonly close: () => void;
}): JSX.Element {
  const { title, confirm, danger, act, close } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [by, setBy] = useState(recall("browser", OPERATOR) ?? "");
  const [failure, setFailure] = useState<RequestFailure | null>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (): Promise<void> => {
    setBusy(true);
    remember("browser", OPERATOR, by.trim());
    const answer = await act(by.trim() === "" ? "the page" : by.trim());
    setBusy(false);
    if (answer === null) close();
    else setFailure(answer);
  };
  return (
    <dialog ref={dialog} aria-labelledby="confirm-title" onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h2 id="confirm-title">{title}</h2>
        {props.children}
        <label>
          Your name, for the record{" "}
          <input
            type="text"
            maxLength={64}
            autocomplete="name"
            value={by}
            onInput={(event) => setBy(event.currentTarget.value)}
          />
        </label>
        {failure !== null && (
          <p class="notice" role="alert">
            {failure.message}.{danger ? " Do not rely on it: switch the devices off by hand." : ""}
          </p>
        )}
        <div class="answers">
          <button type="button" onClick={() => dialog.current?.close()} autofocus={!danger}>
            Cancel
          </button>
          <button type="submit" class={danger ? "danger" : ""} disabled={isBusy} autofocus={danger}>
            {isBusy ? "Asking …" : confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
}
