/** What is known of a device besides its readings: its profile, its link, its trouble. */
import type { JSX } from "preact";
import { controlDesk } from "../control-desk.ts";
import { levelText } from "../control-text.ts";
import { dashboard } from "../dashboard.ts";
import { ageText } from "../market-clock.ts";
import type { DeviceView } from "../market-state.ts";

export function DeviceFacts({ device }: { readonly device: DeviceView }): JSX.Element {
  const { profile, link } = device;
  return (
    <div class="device-facts">
      {profile !== null && (
        <p>
          {profile.vendor} {profile.kind}{" "}
          <small>
            profile {profile.name} {profile.version}: {levelText(profile.verified)}
          </small>
        </p>
      )}
      <Texts title="The installer must" texts={profile?.requirements ?? []} />
      <Texts title="To know" texts={profile?.caveats ?? []} />
      {link !== null && <Link link={link} />}
      <p class="commission">
        <button class="small" onClick={() => controlDesk.read(device.device)} aria-label={`Read ${device.device} now`}>
          Read now
        </button>
      </p>
    </div>
  );
}

function Texts({ title, texts }: { readonly title: string; readonly texts: readonly string[] }): JSX.Element | null {
  if (texts.length === 0) return null;
  return (
    <>
      <h4>{title}</h4>
      <ul class="why">
        {texts.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </>
  );
}

function Link({ link }: { readonly link: NonNullable<DeviceView["link"]> }): JSX.Element {
  const { requests, timeouts, exceptions, reconnects, last_good_ms } = link;
  const now = dashboard.marketMs.value;
  return (
    <p class="hint">
      {requests} requests, {timeouts} timeouts, {exceptions} refused by the device, {reconnects} reconnects;{" "}
      {last_good_ms === null || now === null
        ? "no good answer yet"
        : `last good answer ${ageText(now - last_good_ms)} ago`}
    </p>
  );
}
