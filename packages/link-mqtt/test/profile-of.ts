import { readProfile, type DeviceProfile } from "@micromarket/link-mqtt";

const HEAD = `schema: 1
profile: test
version: 1.0.0
kind: meter
vendor: Nobody
models: [Test]
verified: lab
sources: [{ title: made up, url: nowhere }]
requirements: []
caveats: []
`;

/** A profile's text with these topics. */
export function profileText(topics: string): string {
  return `${HEAD}${topics}`;
}

/** A profile with these topics. */
export function profileOf(topics: string): DeviceProfile {
  const profile = readProfile(profileText(topics), "test.yaml");
  if (!profile.ok) throw new Error(JSON.stringify(profile.error));
  return profile.value;
}

/** Power of `{id}/p`, in W, at `path`. */
export const JSON_POWER = `topics:
  - topic: "{id}/p"
    payload: json
    time: { path: [ts], format: unix-s }
    points: { power_w: { path: [p], unit: W, sign: as-is, range: [-1000000, 1000000], max_age_s: 60 } }
`;

/** Power of `{id}/p`, the number alone, in kW, exported as positive. */
export const NUMBER_POWER = `topics:
  - topic: "{id}/p"
    payload: number
    points: { power_w: { unit: kW, sign: invert, range: [-5000, 5000], max_age_s: 60 } }
`;
