/** What a device was told last: it outlives a restart of the device, as in most of them. */

/** Named whole numbers that somebody may write. */
export interface Settings {
  readonly values: Record<string, number>;
  /** Called after a write, with the names that it touched: timers start anew. */
  readonly written: (names: ReadonlySet<string>) => void;
}

/** What was written, by name. */
export type KeptSettings = Readonly<Record<string, number>>;

/** Writes again what was kept, as far as the device still has it. */
export function recallSettings({ values, written }: Settings, kept: KeptSettings): void {
  const names = Object.keys(values).filter((name) => kept[name] !== undefined);
  for (const name of names) values[name] = kept[name] ?? 0;
  written(new Set(names));
}
