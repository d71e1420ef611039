// Removing an ended container by its id.

import { SECOND } from "../model/instant.js";
import type { Engine } from "./engine.js";
import { refusedWith } from "./failure.js";

/** With its anonymous volumes, never by force: a running one is EngineRefusal 409. Gone, or going already, is success. */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  const query = { v: true, force: false };
  try {
    await engine.call({ method: "DELETE", path: `/containers/${id}`, query, deadline: 5 * SECOND });
  } catch (error) {
    const going = refusedWith(error, 409) && error.text.includes("already in progress");
    if (!going && !refusedWith(error, 404)) throw error;
  }
}
