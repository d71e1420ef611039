// Who made a change, and why.

import type { Instant } from "./instant.js";

/** Who changed something, as claimed; the server adds the time. */
export type Change = {
  readonly actor: string;
  readonly command: string;
  readonly message: string;
  readonly time: Instant;
};
