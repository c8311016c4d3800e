/** Limits of homes: what binds the controllable devices of each, and the grid operator's signal (§14a EnWG). */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { SiteLimit } from "@micromarket/api-http";
import { controlDesk } from "../control-desk.ts";
import { controlText, wattsOf } from "../control-text.ts";
import { dashboard } from "../dashboard.ts";
import { pointText } from "../point-text.ts";
import { Instant } from "./instant.tsx";

const MINUTES = [15, 30, 60, 120];
const LIMIT = "limit_import_w";

export function HomePanel(): JSX.Element | null {
  const limits = controlDesk.known.value?.list.limits ?? [];
  if (limits.length === 0) return null;
  return (
    <section class="wide" aria-labelledby="homes-title">
      <h2 id="homes-title">Limits of homes</h2>
      <ul class="cards">
        {limits.map((limit) => (
          <Home key={limit.home} limit={limit} />
        ))}
      </ul>
    </section>
  );
}

function Home({ limit }: { readonly limit: SiteLimit }): JSX.Element {
  const { home, import_limit_w, export_limit_w, dimmed, measured_w, is_fail_safe, reasons } = limit;
  const outcome = controlDesk.outcomes.value.get(home);
  return (
    <li class="home" data-home={home}>
      <h3>
        {home}
        {dimmed !== null && <span class="tag">dimmed</span>}
        {is_fail_safe && <span class="tag bad">meter silent: held to what is safe</span>}
      </h3>
      <dl class="way">
        <div>
          <dt>At the meter</dt>
          <dd class="figure">{measured_w === null ? "not known" : pointText("power_w", measured_w, null)}</dd>
        </div>
        <div>
          <dt>Most import</dt>
          <dd class="figure">{import_limit_w === null ? "no limit" : controlText(LIMIT, import_limit_w)}</dd>
        </div>
        <div>
          <dt>Most feed-in</dt>
          <dd class="figure">{export_limit_w === null ? "no limit" : controlText(LIMIT, export_limit_w)}</dd>
        </div>
      </dl>
      <ul class="why">
        {dimmed !== null && (
          <li data-field="dimmed">
            The grid operator leaves its devices {controlText(LIMIT, dimmed.import_limit_w)} until{" "}
            <Instant at={dimmed.until_ms} />.
          </li>
        )}
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <DimForm home={home} isDimmed={dimmed !== null} />
      <p role="status" class="hint">
        {outcome}
      </p>
    </li>
  );
}

function DimForm({ home, isDimmed }: { readonly home: string; readonly isDimmed: boolean }): JSX.Element {
  const [text, setText] = useState("4.2");
  const [minutes, setMinutes] = useState(MINUTES[0] ?? 15);
  const limit = wattsOf(text);
  const dim = (): void => {
    const until = Math.round(dashboard.marketMs.value ?? Date.now()) + minutes * 60_000;
    if (limit !== null) controlDesk.dim(home, limit, until);
  };
  return (
    <form
      class="dim"
      onSubmit={(event) => {
        event.preventDefault();
        dim();
      }}
    >
      <label>
        Leave kW{" "}
        <input
          type="text"
          inputMode="decimal"
          aria-label={`Most import of the devices of ${home} in kW`}
          aria-invalid={limit === null}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <label>
        for{" "}
        <select
          aria-label={`How long ${home} is dimmed`}
          value={minutes}
          onChange={(event) => setMinutes(Number(event.currentTarget.value))}
        >
          {MINUTES.map((each) => (
            <option key={each} value={each}>
              {each} min
            </option>
          ))}
        </select>
      </label>
      <button class="small" type="submit" disabled={limit === null} aria-label={`Dim ${home}`}>
        Dim
      </button>
      {isDimmed && (
        <button
          class="small"
          type="button"
          onClick={() => controlDesk.undim(home)}
          aria-label={`End dimming of ${home}`}
        >
          End
        </button>
      )}
    </form>
  );
}
