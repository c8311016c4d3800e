/** What a profile file says of the way to its device: the schema of `link`. */
import { choice, closed, integer } from "@micromarket/device-profiles";
import { Type, type Static } from "@sinclair/typebox";

const FRAMINGS = ["tcp", "rtu-over-tcp", "rtu"] as const;

/** How frames come to a device: Modbus TCP, frames of a serial line through a socket, or a serial line of this machine. */
export type LinkFraming = (typeof FRAMINGS)[number];

export const linkSchema = Type.Object(
  {
    framing: Type.Array(choice(FRAMINGS, "A way to reach it"), {
      minItems: 1,
      maxItems: 3,
      uniqueItems: true,
      description: "How the device can be reached",
      examples: [["rtu", "rtu-over-tcp"]],
    }),
    port: Type.Optional(integer(1, 65_535, 502, "Where it listens; a setting of the installation by default")),
    baud: Type.Optional(integer(300, 1_000_000, 9_600, "Bit/s of its serial line as it leaves the factory")),
    unit: integer(0, 255, 1, "The unit that devices have when they leave the factory"),
    unit_probe: Type.Optional(
      Type.Array(integer(0, 255, 1, "A unit"), { maxItems: 20, description: "Further units that it may have" }),
    ),
    word_order: choice(["big", "little"], "Which register of a longer number comes first: the high or the low one"),
    byte_order: Type.Optional(choice(["big", "little"], "Which byte of a register comes first; big by default")),
    max_registers: integer(1, 125, 80, "Most registers in one answer"),
    max_gap_registers: Type.Optional(integer(0, 124, 16, "Registers without a point to read along; 0 by default")),
    max_connections: Type.Optional(integer(1, 100, 1, "Clients that it serves at once")),
    write_fc: Type.Optional(
      Type.Array(Type.Unsafe<6 | 16>({ type: "integer", enum: [6, 16], examples: [16] }), {
        maxItems: 2,
        uniqueItems: true,
        description: "Functions that it takes for writing; both by default",
      }),
    ),
    timeout_ms: Type.Optional(integer(10, 60_000, 1_000, "From question to answer; 1000 by default")),
    turnaround_ms: Type.Optional(integer(1, 10_000, 50, "What it thinks before it answers")),
    gap_ms: Type.Optional(integer(0, 10_000, 50, "Rest between an answer and the next question; 0 by default")),
    connect_delay_ms: Type.Optional(integer(0, 60_000, 1_000, "Rest after connecting; 0 by default")),
  },
  { ...closed, title: "the way to the device", examples: ["{ framing: [tcp], unit: 1, … }"] },
);

/** The section as a file has it. */
export type LinkSection = Static<typeof linkSchema>;
