/** Every device: whether it answers, its power and how old that is; all its points on request. */
import type { JSX } from "preact";
import { dashboard } from "../dashboard.ts";
import { ageText } from "../market-clock.ts";
import type { DeviceView } from "../market-state.ts";
import { pointLabel, pointText } from "../point-text.ts";

type Reading = DeviceView["points"][number];

export function DevicePanel(): JSX.Element {
  const devices = dashboard.state.value?.devices ?? [];
  const isAccelerated = (dashboard.clock.value?.factor ?? null) !== null;
  const silent = devices.filter(({ up }) => !up).length;
  return (
    <section aria-labelledby="devices-title">
      <h2 id="devices-title">
        Devices{" "}
        <span class="aside" data-field="devices-up">
          {devices.length === 0 ? "" : `${devices.length - silent} of ${devices.length} answer`}
        </span>
      </h2>
      <p class="hint">
        {devices.length === 0
          ? "No device has been heard yet."
          : "Power: in = into the device, out = out of it. Open a device for all that it reports."}
        {isAccelerated && devices.length > 0 ? " Ages are in market time." : ""}
      </p>
      <ul class="devices">
        {devices.map((device) => (
          <Device key={device.device} device={device} />
        ))}
      </ul>
    </section>
  );
}

function Device({ device: { device, up, points } }: { readonly device: DeviceView }): JSX.Element {
  const headline = points.find(({ point }) => point === "power_w") ?? points[0];
  const absent = points.filter(({ value }) => value === null).length;
  return (
    <li class={up ? "device" : "device down"} data-device={device}>
      <details>
        <summary>
          <span class="name">{device}</span>
          <span class={up ? "tag ok" : "tag bad"}>{up ? "answers" : "stale"}</span>
          {up && absent > 0 && <span class="tag">{absent} missing</span>}
          {headline !== undefined && <Headline reading={headline} />}
        </summary>
        <table aria-label={device}>
          <thead class="unseen">
            <tr>
              <th scope="col">Point</th>
              <th scope="col">Value</th>
              <th scope="col">Age</th>
            </tr>
          </thead>
          <tbody>
            {points.map((point) => (
              <Point key={point.point} reading={point} />
            ))}
          </tbody>
        </table>
      </details>
    </li>
  );
}

function Headline({ reading: { point, value, missing, at_ms, stale } }: { readonly reading: Reading }): JSX.Element {
  return (
    <span class={stale ? "headline stale-point" : "headline"} data-headline={point}>
      <span class={value === null ? "missing" : "figure"}>{pointText(point, value, missing)}</span>{" "}
      <span class="age">{ageNow(at_ms)} old</span>
    </span>
  );
}

function Point({ reading: { point, value, missing, at_ms, stale } }: { readonly reading: Reading }): JSX.Element {
  return (
    <tr class={stale ? "stale-point" : ""} data-point={point}>
      <th scope="row">{pointLabel(point)}</th>
      <td class={value === null ? "missing" : "figure"}>{pointText(point, value, missing)}</td>
      <td class="age">
        {ageNow(at_ms)}
        {stale && value !== null && <span class="tag bad">stale</span>}
      </td>
    </tr>
  );
}

function ageNow(atMs: number): string {
  return ageText((dashboard.marketMs.value ?? atMs) - atMs);
}
