import { describe, expect, test } from "@jest/globals";
import { ALL_CLOSED, closedLock, controlPath, type ControlPlace, type Locks } from "@micromarket/control";

const place: ControlPlace = { site: "home-1", device: "battery", capability: "setpoint_power_w" };
const open: Locks = { isOpen: true, openSites: new Set(["home-1"]), openControls: new Set([controlPath(place)]) };

describe("locks", () => {
  test.each([
    { name: "all closed", locks: ALL_CLOSED, closed: "global" },
    { name: "all open but the first", locks: { ...open, isOpen: false }, closed: "global" },
    { name: "another site", locks: { ...open, openSites: new Set(["home-2"]) }, closed: "site" },
    { name: "no control", locks: { ...open, openControls: new Set<string>() }, closed: "control" },
    { name: "all open", locks: open, closed: null },
  ])("$name: $closed", ({ locks, closed }) => {
    expect(closedLock(locks, place)).toBe(closed);
  });

  test("one device's opening opens no other", () => {
    expect(closedLock(open, { ...place, capability: "storage_reserve_ppm" })).toBe("control");
    expect(controlPath({ ...place, site: "a b", device: "c" })).not.toBe(
      controlPath({ ...place, site: "a", device: "b c" }),
    );
  });
});
