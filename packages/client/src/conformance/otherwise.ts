/** How a check ends that does not hold, or cannot be made. */

/** What was seen in place of what is expected. */
export class Otherwise extends Error {
  override readonly name = "Otherwise";
}

/** Why a check cannot be made with this server, or with what one may do there. */
export class NotHere extends Error {
  override readonly name = "NotHere";
}
