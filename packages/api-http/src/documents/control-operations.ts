/** Routes that do something to devices. */
import { ByBody, ControlList, DimBody, EmptyBody, StopAnswer } from "@micromarket/protocol";
import { EXAMPLE_CONTROLS, EXAMPLE_DIMMED } from "./examples/control-answers.ts";
import type { Operation } from "./operation.ts";

const BODY = ["REQUEST_MALFORMED", "BODY_TOO_LARGE", "CONTENT_TYPE_UNSUPPORTED", "CONTROLS_ABSENT"] as const;
const ALL = { tag: "controls", needs: "admin of all" } as const;
const HOME = { home: "The home." };
const DEVICE = { device: "The device." };
const BY_ADA = { by: "Ada" };
const stopped = { at: "2026-07-01T12:01Z", at_ms: 1_782_907_260_000, by: "Ada" };

/** What is seen of controllable devices, and done about them. */
export const CONTROL_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "get", path: "/api/v1/controls", id: "listControls", tag: "controls", needs: "read of all" },
    summary: "Every control, every home's limits, who stopped everything",
    description:
      "Values are in the unit that ends the capability's name: wanted by the market, allowed after all limits, actual.",
    answer: { schema: ControlList, says: "The controls." },
    refusals: ["CONTROLS_ABSENT"],
    example: { ask: "/api/v1/controls", answer: EXAMPLE_CONTROLS },
  },
  {
    ...{ ...ALL, method: "post", path: "/api/v1/controls/stop", id: "stopControls", body: ByBody },
    summary: "Emergency stop: everything is given back and nothing more is written",
    description: "Works when the market has failed, and is never held back by a limit of requests.",
    answer: { schema: StopAnswer, says: "Stopped." },
    refusals: [...BODY, "STOP_FAILED"],
    example: { ask: "/api/v1/controls/stop", body: BY_ADA, answer: { stopped } },
  },
  {
    ...{ ...ALL, method: "post", path: "/api/v1/controls/reset", id: "resetControls", body: ByBody },
    summary: "Works again after an emergency stop",
    answer: { schema: StopAnswer, says: "Not stopped any more." },
    refusals: [...BODY, "NOT_STOPPED", "STOP_FAILED"],
    example: { ask: "/api/v1/controls/reset", body: BY_ADA, answer: { stopped: null } },
  },
  {
    ...{ ...ALL, method: "post", path: "/api/v1/controls/{device}/release", id: "releaseDevice", body: EmptyBody },
    summary: "Give a device back",
    parameters: DEVICE,
    answer: { schema: ControlList, says: "The controls after it." },
    refusals: [...BODY, "DEVICE_UNKNOWN", "NOTHING_TO_RELEASE", "RELEASE_FAILED"],
    example: { ask: "/api/v1/controls/home-1%20inverter/release", body: {}, answer: EXAMPLE_CONTROLS },
  },
  {
    ...{ method: "post", path: "/api/v1/homes/{home}/dim", id: "dimHome", tag: "controls", needs: "admin of the home" },
    summary: "The grid operator's limit: most that a home's controllable devices draw until then",
    description: "The instant is in the market's time. A new signal takes the place of the one before.",
    parameters: HOME,
    body: DimBody,
    answer: { schema: ControlList, says: "The controls after it." },
    refusals: [...BODY, "HOME_UNKNOWN", "LIMIT_REFUSED", "VALID_UNTIL_PASSED"],
    example: {
      ask: "/api/v1/homes/home-1/dim",
      body: { import_limit_w: 4_200, valid_until_ms: 1_782_910_800_000 },
      answer: EXAMPLE_DIMMED,
    },
  },
  {
    ...{ method: "delete", path: "/api/v1/homes/{home}/dim", id: "undimHome", tag: "controls" },
    needs: "admin of the home",
    summary: "End the grid operator's limit",
    parameters: HOME,
    answer: { schema: ControlList, says: "The controls after it." },
    refusals: ["CONTROLS_ABSENT", "HOME_UNKNOWN", "NOT_DIMMED"],
    example: { ask: "/api/v1/homes/home-1/dim", answer: EXAMPLE_CONTROLS },
  },
  {
    ...{ ...ALL, method: "post", path: "/api/v1/devices/{device}/read", id: "readDevice", body: EmptyBody },
    summary: "Ask a device for its points now",
    parameters: DEVICE,
    answer: { schema: EmptyBody, says: "It has answered; the points are in the list of devices." },
    refusals: [...BODY.slice(0, 3), "READING_ABSENT", "DEVICE_UNKNOWN", "DEVICE_SILENT"],
    example: { ask: "/api/v1/devices/grid-1/read", body: {}, answer: {} },
  },
];
