/** The whole page, in the order of the questions that it answers: is it alive, what is the price, why, what do I get. */
import type { JSX } from "preact";
import { controlDesk } from "../control-desk.ts";
import { dashboard } from "../dashboard.ts";
import { zoneText } from "../market-clock.ts";
import { AccountPanel } from "./account-panel.tsx";
import { DevicePanel } from "./device-panel.tsx";
import { HomePanel } from "./home-panel.tsx";
import { HistoryPanel } from "./history-panel.tsx";
import { Notices } from "./notices.tsx";
import { PresentPanel } from "./present-panel.tsx";
import { StopBar } from "./stop-bar.tsx";
import { SlotPanel } from "./slot-panel.tsx";
import { StatusBar } from "./status-bar.tsx";

export function Page(): JSX.Element {
  const isCurrent = dashboard.connection.value.kind === "live";
  return (
    <div class={isCurrent ? "page" : "page old"}>
      <div class="top">
        <StatusBar />
        <StopBar />
      </div>
      <Notices />
      {dashboard.state.value === null ? (
        <main>
          <p class="waiting wide">Waiting for the gateway …</p>
          {controlDesk.known.value !== null && <DevicePanel />}
          <HomePanel />
        </main>
      ) : (
        <main>
          <div class="column">
            <PresentPanel />
            <HistoryPanel />
            <SlotPanel />
          </div>
          <div class="column">
            <AccountPanel />
          </div>
          <DevicePanel />
          <HomePanel />
        </main>
      )}
      <Footer />
    </div>
  );
}

function Footer(): JSX.Element | null {
  const at = dashboard.marketMs.value;
  return at === null ? null : <footer>Times of day and dates are in your zone: {zoneText(at)}.</footer>;
}
