/** How it is known what a party without a meter delivered: by its schedule, or that it delivers nothing (`unmetered.ts`). */
export type UnmeteredBasis = "scheduled" | "financial";

/** How it is known what a party delivered. */
export type DeliveryBasis = "metered" | UnmeteredBasis;
