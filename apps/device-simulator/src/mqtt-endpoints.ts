/** What charger and plug say over MQTT, and what they make of what they are told. */
import type { InstantMs } from "@micromarket/kernel";
import type { MqttActuator } from "./controlled-devices.ts";
import type { Condition } from "./fault-board.ts";
import { goEKeys, setGoEKey, GO_E_CURRENT_A_MAX, type GoESettings } from "./go-e.ts";
import type { Publication } from "./mqtt-devices.ts";
import type { Charger } from "./plant/charger.ts";
import type { PlantMember } from "./plant/plant-member.ts";
import { plugSensor, type TasmotaSwitch } from "./tasmota-plug.ts";

/** A device on the MQTT side. */
export interface MqttEndpoint {
  readonly device: MqttActuator;
  /** Full status. */
  readonly status: () => readonly Publication[];
  /** Topics by which it is told something. */
  readonly filter: string;
  /** Carries a command out; its answer. */
  readonly take: (topic: string, payload: string) => readonly Publication[];
  readonly foreignLimit: (percent: number | null) => void;
}

const CURRENT_A_MIN = 6;

/** A go-e charger. Somebody else's limit is a lower current. */
export function chargerEndpoint(
  device: MqttActuator,
  charger: Charger,
  settings: GoESettings,
  condition: () => Condition,
): MqttEndpoint {
  const base = `go-eCharger/${device.topicId}`;
  const status = (): readonly Publication[] =>
    Array.from(goEKeys(charger, settings, condition().wrongValue), ([key, payload]) => ({
      topic: `${base}/${key}`,
      payload,
      retain: true,
    }));

  function take(topic: string, payload: string): readonly Publication[] {
    const key = topic.slice(base.length + 1, topic.length - "/set".length);
    const { refusal, ignoresWrites } = condition();
    const target = ignoresWrites ? { ...settings } : settings;
    const result = refusal === null ? setGoEKey(target, key, payload) : "not allowed";
    return [{ topic: `${base}/${key}/result`, payload: result }, ...status()];
  }

  return {
    device,
    status,
    filter: `${base}/+/set`,
    take,
    foreignLimit: (percent) => {
      settings.amp = Math.max(CURRENT_A_MIN, Math.floor((GO_E_CURRENT_A_MAX * (percent ?? 100)) / 100));
    },
  };
}

/** A plug. Somebody else's limit switches it off. */
export function plugEndpoint(
  device: MqttActuator,
  member: PlantMember,
  control: TasmotaSwitch,
  condition: () => Condition,
  virtualNow: () => InstantMs,
): MqttEndpoint {
  const topic = device.topicId;
  const status = (): readonly Publication[] => [
    { topic: `tele/${topic}/SENSOR`, payload: plugSensor(member, condition(), virtualNow()) },
    { topic: `tele/${topic}/STATE`, payload: JSON.stringify({ POWER: control.state() }) },
    { topic: `stat/${topic}/POWER`, payload: control.state() },
  ];

  function take(at: string, payload: string): readonly Publication[] {
    const name = at.slice(at.lastIndexOf("/") + 1);
    const { refusal, ignoresWrites } = condition();
    if (refusal !== null) return [{ topic: `stat/${topic}/RESULT`, payload: JSON.stringify({ Command: "Error" }) }];
    if (ignoresWrites)
      return [{ topic: `stat/${topic}/RESULT`, payload: JSON.stringify({ [name.toUpperCase()]: payload }) }];
    return control.command(name, payload) ?? [];
  }

  return {
    device,
    status,
    filter: `cmnd/${topic}/+`,
    take,
    foreignLimit: (percent) => {
      if (percent !== null) control.turn(false);
    },
  };
}
