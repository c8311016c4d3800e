import { instantMs, type InstantMs } from "@micromarket/kernel";
import { loadProfile, type DeviceProfile, type MqttMessage, type ProfileParameters } from "@micromarket/link-mqtt";

/** 2026-07-01T12:00Z. */
export const NOON = instantMs(1_782_907_200_000);

export function message(topic: string, payload: unknown, retained = false): MqttMessage {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  return { topic, payload: payload instanceof Uint8Array ? payload : Buffer.from(text), retained };
}

export function secondsAfterNoon(seconds: number): InstantMs {
  return instantMs(Number(NOON) + seconds * 1_000);
}

export function profileNamed(name: string, params: ProfileParameters = {}): DeviceProfile {
  const profile = loadProfile(name, { params });
  if (!profile.ok) throw new Error(JSON.stringify(profile.error));
  return profile.value;
}
