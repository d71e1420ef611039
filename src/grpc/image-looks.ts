// What images are now, asked of hosts within seconds and without pulling: an answer, that there is no such image, or why
// it is not known. Never fails, for a plan does without.

import { DEFAULTS } from "../model/defaults.js";
import { TheseusError } from "../model/errors.js";
import type { GroupConfig, PullPolicy } from "../model/group.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { FoundImage } from "../model/plan.js";
import type { Clock } from "../model/ports.js";

/** As Runtime.findImage, of the engine on that host. */
export type FindImage = (host: string, image: string, policy: PullPolicy) => Promise<{ readonly pinned: string }>;

const PATIENCE: Milliseconds = 3 * SECOND;

export class ImageLooks {
  readonly #found = new Map<string, Promise<FoundImage>>();

  constructor(
    private readonly find: FindImage,
    private readonly clock: Clock,
  ) {}

  /** Each image is asked for once. */
  look(host: string, { image, pull = DEFAULTS.pull }: GroupConfig): Promise<FoundImage> {
    const key = `${host} ${pull} ${image}`;
    const found = this.#found.get(key) ?? this.#ask(host, image, pull);
    this.#found.set(key, found);
    return found;
  }

  async #ask(host: string, image: string, policy: PullPolicy): Promise<FoundImage> {
    const over = new AbortController();
    const late = this.clock.sleep(PATIENCE, over.signal).then(
      (): FoundImage => ({ unknown: `${host} did not answer in ${PATIENCE / SECOND} s` }),
      (): FoundImage => ({ unknown: "nobody waits for it" }),
    );
    const asked = this.find(host, image, policy).catch((error: unknown) => notFound(host, error));
    try {
      return await Promise.race([asked, late]);
    } finally {
      over.abort();
    }
  }
}

function notFound(host: string, error: unknown): FoundImage {
  if (!(error instanceof TheseusError)) return { unknown: error instanceof Error ? error.message : String(error) };
  const { what, why = [] } = error.facts;
  const text = [what, ...why].join(": ");
  return error.reason === "IMAGE_NOT_FOUND" ? { missing: { host, reason: error.reason, text } } : { unknown: text };
}
