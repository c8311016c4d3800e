/** Who is not let in any more, and where that is kept over a restart. */
import type { InstantMs } from "@micromarket/kernel";

/** A principal that was revoked. */
export interface Revocation {
  readonly id: string;
  readonly at: InstantMs;
  /** Who did it. */
  readonly by: string;
}

/** Where revocations are kept. A `save` that returns has reached the disk; one that throws has changed nothing. */
export interface RevocationStore {
  /** All that were saved last; throws where that cannot be known: nobody is let in by a guess. */
  readonly load: () => readonly Revocation[];
  readonly save: (revocations: readonly Revocation[]) => void;
}

/** Kept as long as the process lives. */
export function memoryRevocations(): RevocationStore {
  let kept: readonly Revocation[] = [];
  return {
    load: () => kept,
    save: (revocations) => {
      kept = [...revocations];
    },
  };
}
