/** Every device with every point: value or the reason why there is none, and how old it is. */
import type { JSX } from "preact";
import { dashboard } from "../dashboard.ts";
import { ageText } from "../market-clock.ts";
import type { DeviceView } from "../market-state.ts";
import { pointLabel, pointText } from "../point-text.ts";

export function DevicePanel(): JSX.Element {
  const devices = dashboard.state.value?.devices ?? [];
  const isAccelerated = (dashboard.clock.value?.factor ?? null) !== null;
  const silent = devices.filter(({ up }) => !up).length;
  return (
    <section aria-labelledby="devices-title">
      <h2 id="devices-title">Devices</h2>
      <p class="hint">
        {devices.length === 0
          ? "No device has been heard yet."
          : `${devices.length - silent} of ${devices.length} answer. Power: in = into the device, out = out of it.`}
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
  return (
    <li class={up ? "device" : "device down"} data-device={device}>
      <h3>
        {device} <span class={up ? "tag ok" : "tag bad"}>{up ? "answers" : "stale"}</span>
      </h3>
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
    </li>
  );
}

function Point({ reading }: { readonly reading: DeviceView["points"][number] }): JSX.Element {
  const { point, value, missing, at_ms, stale } = reading;
  const age = (dashboard.marketMs.value ?? at_ms) - at_ms;
  return (
    <tr class={stale ? "stale-point" : ""} data-point={point}>
      <th scope="row">{pointLabel(point)}</th>
      <td class={value === null ? "missing" : "figure"}>{pointText(point, value, missing)}</td>
      <td class="age">
        {ageText(age)}
        {stale && value !== null && <span class="tag bad">stale</span>}
      </td>
    </tr>
  );
}
