/**
 * The routes that do something: emergency stop, release, the grid operator's signal, reading a device now.
 *
 * Invariants: none of them asks the read model, so that a stop reaches the desk whatever has become of the market; a body
 * is JSON by its content type, which no form of another site's page can send; nothing in a body is coerced, for a missing
 * limit read as 0 W would switch a home off.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { instantMs, watts, type InstantMs, type Result } from "@micromarket/kernel";
import type { RouteNeeds } from "./access/request-gate.ts";
import { homeUnknown, type ControlDesk, type DeskRefusal, type ReadDevice } from "./control-desk.ts";
import { controlList, stopView } from "./control-view.ts";
import { addJsonBodies, command } from "./json-command.ts";
import { refuseMethods } from "./protocol-refusals.ts";
import { sendProblem } from "./problem.ts";
import { answers } from "./routes.ts";
import { ByBody, ControlList, DimBody, EmptyBody, StopAnswer } from "@micromarket/protocol";
import { closedObject, Name } from "@micromarket/protocol";

/** What the routes do something with. */
export interface ControlContext {
  readonly desk?: ControlDesk;
  readonly readDevice?: ReadDevice;
  readonly now: () => InstantMs;
  /** Something was done: listeners shall hear of it at once. */
  readonly changed: () => void;
  readonly onError?: (error: unknown) => void;
}

const CONTROLS_ABSENT =
  "this gateway controls no device: give a device `controls` in the gateway's file and open its locks, then restart";
const READING_ABSENT = "this gateway reads its devices by their polls alone";
const UNNAMED = "the API";

/** Who may act on a home may dim it; everything else here needs `admin` of every party. */
const DIMS: RouteNeeds = { scope: "admin", of: { parameter: "home" }, unknown: homeUnknown };

const HomePath = closedObject({ home: Name });
const DevicePath = closedObject({ device: Name });

/** Adds the routes below the prefix of `app`. */
export function addControlRoutes(app: FastifyInstance, context: ControlContext): void {
  addJsonBodies(app);
  addListing(app, context);
  addStop(app, context);
  addRelease(app, context);
  addDimming(app, context);
  addReading(app, context);
}

function addListing(app: FastifyInstance, { desk }: ControlContext): void {
  app.get("/controls", { schema: { response: answers(ControlList) } }, (_, reply) =>
    desk === undefined ? sendProblem(reply, "CONTROLS_ABSENT", CONTROLS_ABSENT) : controlList(desk),
  );
}

function addStop(app: FastifyInstance, { desk, changed, onError }: ControlContext): void {
  type Asked = FastifyRequest<{ Body: ByBody | undefined }>;
  const act = async (reply: FastifyReply, acting: () => Promise<void> | undefined): Promise<FastifyReply> => {
    const isDone = await succeeds(acting, onError);
    changed();
    if (isDone) return reply.send({ stopped: stopView(desk?.isStopped() ?? null) } satisfies StopAnswer);
    const detail = "it was not done in full: look at the controls and the log, and switch devices off by hand";
    return sendProblem(reply, "STOP_FAILED", detail);
  };
  const needed = desk === undefined ? CONTROLS_ABSENT : null;
  const inNeed = { config: { counts: "none" } } as const; // whoever may stop may always
  command(app, "POST", "/controls/stop", { ...inNeed, body: ByBody, answer: StopAnswer, needed }, (request, reply) =>
    act(reply, () => desk?.emergencyStop((request as Asked).body?.by ?? UNNAMED)),
  );
  command(app, "POST", "/controls/reset", { body: ByBody, answer: StopAnswer, needed }, (request, reply) => {
    if (desk?.isStopped() === null) return sendProblem(reply, "NOT_STOPPED", "the controls are not stopped");
    return act(reply, () => desk?.resetStop((request as Asked).body?.by ?? UNNAMED));
  });
  refuseMethods(app, "/controls/stop", ["POST"]);
  refuseMethods(app, "/controls/reset", ["POST"]);
}

async function succeeds(act: () => Promise<void> | undefined, onError?: (error: unknown) => void): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    onError?.(error);
    return false;
  }
}

function addRelease(app: FastifyInstance, context: ControlContext): void {
  const { desk } = context;
  const path = "/controls/:device/release";
  const shape = { body: EmptyBody, params: DevicePath, answer: ControlList, needed: absence(desk) };
  command(app, "POST", path, shape, async (request, reply) => {
    const { device } = request.params as { device: string };
    return desk === undefined ? reply : answer(reply, context, desk, await desk.release(device));
  });
  refuseMethods(app, path, ["POST"]);
}

function addDimming(app: FastifyInstance, context: ControlContext): void {
  const { desk, now } = context;
  const path = "/homes/:home/dim";
  const shape = { params: HomePath, answer: ControlList, needed: absence(desk), config: { needs: DIMS } };
  command(app, "POST", path, { ...shape, body: DimBody }, (request, reply) => {
    const { home } = request.params as { home: string };
    const body = request.body as DimBody;
    const until = instantMs(body.valid_until_ms);
    if (desk === undefined) return reply;
    if (until > now()) return answer(reply, context, desk, desk.dim(home, watts(body.import_limit_w), until));
    return sendProblem(reply, "VALID_UNTIL_PASSED", "valid_until_ms has passed by the clock of this market");
  });
  command(app, "DELETE", path, shape, (request, reply) => {
    const { home } = request.params as { home: string };
    return desk === undefined ? reply : answer(reply, context, desk, desk.undim(home));
  });
  refuseMethods(app, path, ["POST", "DELETE"]);
}

function addReading(app: FastifyInstance, { readDevice }: ControlContext): void {
  const path = "/devices/:device/read";
  const needed = readDevice === undefined ? READING_ABSENT : null;
  const shape = { body: EmptyBody, params: DevicePath, answer: EmptyBody, needed, absent: "READING_ABSENT" } as const;
  command(app, "POST", path, shape, async (request, reply) => {
    const { device } = request.params as { device: string };
    const done = await readDevice?.(device);
    return done?.ok === false ? sendProblem(reply, done.error.code, done.error.detail) : reply.send({});
  });
  refuseMethods(app, path, ["POST"]);
}

function absence(desk: ControlDesk | undefined): string | null {
  return desk === undefined ? CONTROLS_ABSENT : null;
}

function answer(
  reply: FastifyReply,
  { changed }: ControlContext,
  desk: ControlDesk,
  done: Result<null, DeskRefusal>,
): FastifyReply {
  changed();
  return done.ok ? reply.send(controlList(desk)) : sendProblem(reply, done.error.code, done.error.detail);
}
