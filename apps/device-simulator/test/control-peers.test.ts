/** Devices under control, told something by Debian's mbpoll and by Mosquitto's clients. */
import { execFile, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, expect, test } from "@jest/globals";
import { durationMs, HOUR, times } from "@micromarket/kernel";
import { setTime, start } from "./started.ts";

const execute = promisify(execFile);
const wanted = (...tools: readonly string[]): typeof test =>
  tools.every((tool) => spawnSync(tool, ["--help"]).error === undefined) || process.env["CI"] === "true"
    ? test
    : (test.skip as typeof test);
const listening: { kill: (signal: "SIGKILL") => unknown }[] = [];
const OFTEN = durationMs(20);

afterEach(() => {
  for (const child of listening.splice(0)) child.kill("SIGKILL");
});

/** Numbers of the 120-series from register 40000 on, by SunSpec's offsets: where model 124 of a battery starts. */
const STORAGE = 40_002 + 68 + 52 + 28 + 32 + 26;
const MODE = STORAGE + 5;
const RATES = STORAGE + 12;

async function mbpoll(port: number, register: number, ...values: readonly number[]): Promise<string> {
  const target = ["-m", "tcp", "-p", String(port), "-a", "1", "-0", "-1", "-q", "-r", String(register)];
  const { stdout } = await execute("mbpoll", [...target, "-t", "4", "127.0.0.1", ...values.map(String)]);
  return /^\[\d+\]:\s*(\S+)/m.exec(stdout)?.[1] ?? stdout;
}

wanted("mbpoll")("mbpoll writes registers one by one and several at once (tools/ci/install-mbpoll.sh)", async () => {
  const time = setTime();
  const simulator = await start({ batteries: 1, realNow: time.realNow, timerNow: time.realNow });
  const port = simulator.description.controlled?.flatMap((of) => (of.link === "modbus" ? of.port : []))[0] ?? 0;
  expect(await mbpoll(port, STORAGE)).toBe("124");
  await mbpoll(port, RATES, 0x1_0000 - 2_000, 2_000);
  await mbpoll(port, MODE, 3);
  time.advance(HOUR);
  expect(simulator.balance("home-1")?.parts.get("battery")?.powerW).toBe(1_000);
  await expect(mbpoll(port, STORAGE, 1)).rejects.toMatchObject({
    stderr: expect.stringContaining("Illegal data address"),
  });
  await expect(mbpoll(port, MODE, 4)).rejects.toMatchObject({ stderr: expect.stringContaining("Illegal data value") });
});

wanted("mosquitto_pub", "mosquitto_sub")(
  "Mosquitto's clients steer a charger (tools/ci/install-mosquitto.sh)",
  async () => {
    const time = setTime();
    const both = { realNow: time.realNow, timerNow: time.realNow };
    const simulator = await start({ homes: 1, chargers: 1, plugs: 1, publishEvery: OFTEN, ...both });
    const { port } = new URL(simulator.description.mqtt.url);
    const broker = ["-h", "127.0.0.1", "-p", port];
    const publish = (topic: string, payload: string) =>
      execute("mosquitto_pub", [...broker, "-t", topic, "-m", payload]);
    const listener = spawn("mosquitto_sub", [...broker, "-t", "#", "-F", "%t %p"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    listening.push(listener);
    // kept from the first one on: an answer may come before the command that asked for it has ended
    const lines: string[] = [];
    createInterface(listener.stdout).on("line", (line) => void lines.push(line));
    const heard = async (wantedLine: string): Promise<void> => {
      let index = lines.indexOf(wantedLine);
      for (; index === -1; index = lines.indexOf(wantedLine)) await delay(20);
      lines.splice(0, index + 1);
    };
    const key = (name: string, value: string): Promise<void> => heard(`go-eCharger/000001/${name} ${value}`);
    await key("mcc", "true");
    await key("car", "1");
    time.advance(times(HOUR, 15)); // from four in the morning to seven in the evening
    await key("car", "2");
    await key("nrg", "[230,230,230,0,16,16,16,3680,3680,3680,0,11040,100,100,100,0]");
    await publish("go-eCharger/000001/amp/set", "8");
    await key("amp/result", "success");
    await publish("go-eCharger/000001/psm/set", "1");
    await key("nrg", "[230,230,230,0,8,0,0,1840,0,0,0,1840,100,0,0,0]");
    await publish("go-eCharger/000001/frc/set", "1");
    await key("alw", "false");
    await key("car", "3");
    await publish("go-eCharger/000001/amp/set", "99");
    await key("amp/result", "value must be between 6 and 16: 99");
    await publish("go-eCharger/000001/frc/set", "2");
    await key("car", "2");
    time.advance(times(HOUR, 16)); // the car has left, and force with it
    await key("car", "1");
    await key("frc", "0");

    await publish("cmnd/tasmota-home-1-plug/PulseTime", "130");
    await heard('stat/tasmota-home-1-plug/RESULT {"PulseTime1":{"Set":130,"Remaining":0}}');
    await publish("cmnd/tasmota-home-1-plug/POWER", "ON");
    await heard("stat/tasmota-home-1-plug/POWER ON");
    time.advance(29_999);
    expect(simulator.balance("home-1")?.parts.get("plug")?.powerW).toBe(1_500);
    time.advance(2);
    await heard("stat/tasmota-home-1-plug/POWER OFF");
    expect(simulator.balance("home-1")?.parts.get("plug")?.inWms).toBe(1_500 * 30_000);
  },
  120_000,
);
