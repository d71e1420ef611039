// Which states of the page were really seen in a run: those that were not are a fault, whatever the others say.

/** Each of them is written down, and has to come and go. */
const EXPECTED = [
  ...["loading", "filteredAway", "firstRun", "silentHost", "live", "reconnecting", "disconnected"],
  ...["server away", "store away", "new version", "engine away", "engine back"],
];

const seen = new Set<string>();

/** A state was shown as it is written down. */
export function saw(state: string): void {
  seen.add(state);
}

/** Another run begins. */
export function forgetSeen(): void {
  seen.clear();
}

export const countSeen = (): number => EXPECTED.filter((state) => seen.has(state)).length;

export const neverSeen = (): readonly string[] =>
  EXPECTED.filter((state) => !seen.has(state)).map((state) => `never shown as it is written down: ${state}`);
