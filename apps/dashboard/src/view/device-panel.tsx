/** Every device: whether it answers, its power and how old that is; all its points on request. */
import type { JSX } from "preact";
import { controlDesk } from "../control-desk.ts";
import { flagText } from "../control-text.ts";
import { dashboard } from "../dashboard.ts";
import { ageText } from "../market-clock.ts";
import { UNDESCRIBED, type DeviceView } from "../market-state.ts";
import { pointLabel, pointText } from "../point-text.ts";
import { DeviceControls } from "./device-controls.tsx";
import { DeviceFacts } from "./device-facts.tsx";

type Reading = DeviceView["points"][number];

/** What tells at a glance how a store or a charging session stands. */
const BESIDES: ReadonlySet<string> = new Set(["state_of_charge_ppm", "vehicle_state", "session_wh"]);

export function DevicePanel(): JSX.Element {
  const devices = knownDevices();
  const isAccelerated = (dashboard.clock.value?.factor ?? null) !== null;
  const silent = devices.filter(({ up }) => !up).length;
  return (
    <section class="wide" id="devices" aria-labelledby="devices-title">
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
      <ul class="devices cards">
        {devices.map((device) => (
          <Device key={device.device} device={device} />
        ))}
      </ul>
    </section>
  );
}

/**
 * All that were heard of, as readings or as controls: without the market's news there are only those. What can be told
 * something comes first.
 */
function knownDevices(): readonly DeviceView[] {
  const heard = dashboard.state.value?.devices ?? [];
  const controlled = new Set((controlDesk.known.value?.list.controls ?? []).map(({ device }) => device));
  const known = new Set(heard.map(({ device }) => device));
  const unheard = [...controlled].filter((device) => !known.has(device));
  const more = unheard.map((device) => ({ device, up: false, points: [], ...UNDESCRIBED }));
  const all = [...heard, ...more];
  return [
    ...all.filter(({ device }) => controlled.has(device)),
    ...all.filter(({ device }) => !controlled.has(device)),
  ];
}

function Device({ device: view }: { readonly device: DeviceView }): JSX.Element {
  const { device, up, points, flags, trouble } = view;
  const outcome = controlDesk.outcomes.value.get(device);
  const headline = points.find(({ point }) => point === "power_w") ?? points[0];
  const besides = points.filter(({ point, value }) => BESIDES.has(point) && value !== null);
  const provided = points.filter(({ missing }) => missing !== "not-provided");
  const others = points.filter((point) => !provided.includes(point)).map(({ point }) => pointLabel(point));
  const absent = provided.filter(({ value }) => value === null).length;
  return (
    <li class={up ? "device" : "device down"} data-device={device}>
      <details>
        <summary>
          <span class="name">{device}</span>
          <span class={up ? "tag ok" : "tag bad"}>{up ? "answers" : points.length === 0 ? "not heard" : "stale"}</span>
          {up && absent > 0 && <span class="tag">{absent} missing</span>}
          {flags.length > 0 && (
            <span class="flags">
              {flags.map((flag) => (
                <span class="tag" key={flag}>
                  {flagText(flag)}
                </span>
              ))}
            </span>
          )}
          {headline !== undefined && <Headline reading={headline} />}
          {besides.length > 0 && (
            <span class="besides">
              {besides.map(({ point, value, missing, stale }) => (
                <span key={point} class={stale ? "stale-point" : ""} data-beside={point}>
                  {pointLabel(point)} <span class="figure">{pointText(point, value, missing)}</span>
                </span>
              ))}
            </span>
          )}
        </summary>
        <DeviceFacts device={view} />
        <table aria-label={device}>
          <thead class="unseen">
            <tr>
              <th scope="col">Point</th>
              <th scope="col">Value</th>
              <th scope="col">Age</th>
            </tr>
          </thead>
          <tbody>
            {provided.map((point) => (
              <Point key={point.point} reading={point} />
            ))}
          </tbody>
        </table>
        {others.length > 0 && (
          <p class="hint" data-field="not-provided">
            Not provided: {others.join(", ")}
          </p>
        )}
      </details>
      {trouble !== null && <p class="notice">{trouble}</p>}
      <DeviceControls device={device} />
      {outcome !== undefined && (
        <p role="status" class="hint">
          {outcome}
        </p>
      )}
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
