// Whose keys come first, and which keys can be switched off. Pure; what listens is keys.ts.

/** By key as typed ("/", "g o", "Enter"). A handler that answers false has not taken it. */
export type KeyMap = Readonly<Record<string, (event: KeyboardEvent) => unknown>>;

/** From the innermost outwards: a table or a tab bar, the screen that it is on, the page around all screens. */
export type KeyLayer = "part" | "screen" | "page";
const INWARDS: readonly KeyLayer[] = ["page", "screen", "part"];

export interface LiveKeys {
  readonly current: KeyMap;
}

/** The order in which components appear says nothing of which is inside which: a layer does. */
export class KeyLayers {
  #maps: { readonly keys: LiveKeys; readonly layer: KeyLayer }[] = [];

  /** @returns how to take them away. */
  add(keys: LiveKeys, layer: KeyLayer): () => void {
    const one = { keys, layer };
    this.#maps = [...this.#maps, one].sort((a, b) => INWARDS.indexOf(a.layer) - INWARDS.indexOf(b.layer));
    return () => {
      this.#maps = this.#maps.filter((other) => other !== one);
    };
  }

  /** What acts on a key: inner layers first, of one layer what came last. */
  handlers(key: string): readonly KeyMap[string][] {
    return [...this.#maps].reverse().flatMap(({ keys: { current } }) => {
      const run = Object.hasOwn(current, key) ? current[key] : undefined;
      return run === undefined ? [] : [run];
    });
  }
}

/** A letter, digit or sign: spoken words and stray hands strike them, so they can be switched off. No other key can. */
export const isSingleSign = (key: string): boolean => key !== " " && [...key].length === 1;
