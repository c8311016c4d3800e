/** One party's last day: what it traded, what was metered, and what it cost, to the last billionth. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { dashboard, type AccountView } from "../dashboard.ts";
import { amountText, energyText } from "../quantity-text.ts";
import { Fact } from "./fact.tsx";
import { withDays } from "./day-row.tsx";
import { SlotLink } from "./slot-link.tsx";
import { NamedTable } from "./named-table.tsx";
import { LoadFailure } from "./notices.tsx";
import { StatementTable } from "./statement-table.tsx";

const SLOTS_AT_FIRST = 8;

export function AccountPanel(): JSX.Element {
  const { value, failure, busy } = dashboard.account.value;
  const party = dashboard.party.value;
  return (
    <section aria-labelledby="account-title" aria-busy={busy}>
      <h2 id="account-title">My account</h2>
      <PartyChoice />
      <LoadFailure what="The account" failure={failure} retry={dashboard.reloadAccount} />
      {party === null && (
        <p class="hint">Choose a party to see its position and statement. This browser remembers it.</p>
      )}
      {value !== null && <Account view={value} />}
    </section>
  );
}

function PartyChoice(): JSX.Element {
  const parties = dashboard.parties.value.value?.parties ?? [];
  const party = dashboard.party.value;
  const isKnown = parties.some((other) => other.party === party);
  return (
    <div class="party-choice">
      <label for="party">Party</label>
      <select id="party" value={party ?? ""} onChange={(event) => dashboard.chooseParty(event.currentTarget.value)}>
        {party === null && (
          <option value="" disabled>
            choose …
          </option>
        )}
        {party !== null && !isKnown && <option value={party}>{party}</option>}
        {parties.map((other) => (
          <option key={other.party} value={other.party}>
            {other.party}
            {other.role === "residual" ? " (supplier)" : ""}
          </option>
        ))}
      </select>
    </div>
  );
}

function Account({ view: { position, statement } }: { readonly view: AccountView }): JSX.Element {
  const { totals, currency } = statement;
  const money = (nano: string): string => `${amountText(nano)} ${currency}`;
  return (
    <>
      <dl class="facts">
        <Fact name="Balance" field="balance">
          {money(position.balance_nano)}
        </Fact>
        <Fact name="Last 24 hours" field="total">
          {money(totals.total_nano)}
        </Fact>
        <Fact name="Trades" field="trades">
          {money(totals.trade_nano)}
        </Fact>
        <Fact name="Deviations" field="deviations">
          {money(totals.deviation_nano)}
        </Fact>
        {totals.credit_nano !== "0" && (
          <Fact name="Paid in" field="credits">
            {money(totals.credit_nano)}
          </Fact>
        )}
      </dl>
      {!statement.complete && (
        <p class="hint">This market is younger than 24 hours, or its older slots are no longer kept.</p>
      )}
      <PositionTable position={position} />
      <StatementTable statement={statement} />
    </>
  );
}

const momentOf = ({ start_ms }: { readonly start_ms: number }): number => start_ms;

function PositionTable({ position }: { readonly position: AccountView["position"] }): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const slots = isWhole ? position.slots : position.slots.slice(0, SLOTS_AT_FIRST);
  return (
    <>
      <h3>Position</h3>
      <p class="hint">Metered: what was drawn less what was fed in.</p>
      <NamedTable name="Position" table="position" columns={["Slot", "Bought kWh", "Sold kWh", "Metered kWh"]}>
        {withDays(slots, momentOf, 4, (slot) => (
          <tr key={slot.start}>
            <th scope="row">
              <SlotLink startMs={slot.start_ms} />
            </th>
            <td class="figure">{energyText(slot.bought_wh)}</td>
            <td class="figure">{energyText(slot.sold_wh)}</td>
            {slot.metered === null ? (
              <td class="missing">{slot.phase === "metering" ? "awaited" : "to come"}</td>
            ) : (
              <td class="figure">
                {energyText(slot.metered.imported_wh - slot.metered.exported_wh)}
                {slot.metered.is_estimate && <small> estimated</small>}
              </td>
            )}
          </tr>
        ))}
      </NamedTable>
      {position.slots.length > SLOTS_AT_FIRST && (
        <button onClick={() => setWhole(!isWhole)}>
          {isWhole ? "Show fewer slots" : `Show all ${position.slots.length} slots`}
        </button>
      )}
    </>
  );
}
