// The engine's restart policies in the model's words, and how they are set. The model knows two: the engine leaves an ended
// container alone ("no"), or runs it again by itself, also after the engine's own death ("unless-stopped").

import type { ObservedContainer } from "../model/container.js";
import { SECOND } from "../model/instant.js";
import type { Engine } from "./engine.js";

/**
 * The second is written as `always`: an engine that was killed stops the containers it finds running when it starts
 * again, takes that for a stop by hand, and leaves `unless-stopped` ones down (tried with 20.10). So an engine that is
 * restarted between a stop and the removal that follows on it starts the container once more.
 */
const KEPT_RUNNING = "always";

export async function setRestartPolicy(engine: Engine, id: string, policy: "no" | "unless-stopped"): Promise<void> {
  const body = { RestartPolicy: { Name: policy === "no" ? "no" : KEPT_RUNNING } };
  await engine.call({ method: "POST", path: `/containers/${id}/update`, body, deadline: 5 * SECOND });
}

export function readRestartPolicy(name: string | undefined): ObservedContainer["restartPolicy"] {
  if (name === undefined || name === "" || name === "no") return "no";
  return name === KEPT_RUNNING ? "unless-stopped" : "other";
}
