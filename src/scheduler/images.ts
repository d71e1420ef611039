// What is known of pinned images: whether they bring a health check of their own. Asked once per image and term.

import type { ConfigRecord } from "../model/group.js";
import { currentPin } from "../model/group-status.js";
import { MINUTE, type Milliseconds } from "../model/instant.js";
import type { ImageFacts } from "../model/ports.js";
import { TOO_LATE, within } from "./alarm.js";
import type { Engine } from "./engine.js";
import type { Office } from "./office.js";

/** An image that no engine has now may come later. */
const ASK_AGAIN = MINUTE;
const DEADLINE: Milliseconds = 2000;

export class Images {
  readonly #office: Office;
  readonly #engines: readonly Engine[];
  readonly #known = new Map<string, boolean>();
  readonly #missing = new Map<string, Milliseconds>();

  constructor(office: Office, engines: readonly Engine[]) {
    this.#office = office;
    this.#engines = engines;
  }

  learn({ pinned, hasHealthcheck }: ImageFacts): void {
    this.#known.set(pinned, hasHealthcheck);
    this.#missing.delete(pinned);
  }

  /** False while it is not known, and where the config names its own check, so that it does not matter. */
  async hasHealthcheck(record: ConfigRecord | undefined): Promise<boolean> {
    const pin = currentPin(record);
    if (pin === undefined || record?.config.health !== undefined) return false;
    const known = this.#known.get(pin.pinned);
    if (known !== undefined) return known;
    const { clock } = this.#office;
    const missingSince = this.#missing.get(pin.pinned);
    if (missingSince !== undefined && clock.monotonic() - missingSince < ASK_AGAIN) return false;
    await this.#ask(pin.pinned);
    return this.#known.get(pin.pinned) ?? false;
  }

  async #ask(pinned: string): Promise<void> {
    const { clock } = this.#office;
    const asked = this.#engines.map(async ({ runtime }) => {
      const facts = await within(clock, DEADLINE, runtime.resolveImage(pinned, "never"));
      if (facts === TOO_LATE) throw new Error("no answer");
      this.#known.set(pinned, facts.hasHealthcheck);
    });
    // One answer is enough; an engine without the image, or that does not answer, tells nothing.
    await Promise.any(asked).catch(() => undefined);
    if (!this.#known.has(pinned)) this.#missing.set(pinned, clock.monotonic());
  }
}
