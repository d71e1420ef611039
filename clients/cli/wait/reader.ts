// Reads what a wait looks at: the group, its rollout, and the one that takes that back. Servers that do not know
// rollouts are asked for groups alone.

import type { Group } from "../../gen/theseus/v1/group.js";
import type { Rollout } from "../../gen/theseus/v1/rollout.js";
import { hasReason } from "../failure.js";
import type { Server } from "../server.js";
import type { Goal } from "./goal.js";

const PASSING = ["SERVER_UNREACHABLE", "NOT_READY", "STORE_UNREACHABLE", "OUTCOME_UNKNOWN"];

export interface Sight {
  readonly group: Group;
  readonly rollout: Rollout | undefined;
  readonly back: Rollout | undefined;
}

export type Seen = Sight | "gone" | { readonly lost: unknown };

export class Reader {
  readonly #server: Server;
  readonly #goal: Goal;
  #knowsRollouts = true;

  constructor(server: Server, goal: Goal) {
    this.#server = server;
    this.#goal = goal;
  }

  /** False once the server has said that it does not know the call. */
  get knowsRollouts(): boolean {
    return this.#knowsRollouts && this.#goal.configRevision !== undefined;
  }

  /** @throws what will not pass by itself. */
  async look(): Promise<Seen> {
    const { ref, revision, configRevision } = this.#goal;
    const { discovery, call } = this.#server;
    try {
      const rollout = configRevision === undefined ? undefined : await this.#rollout(configRevision);
      const by = rollout?.rollbackRevision ?? 0n;
      const back = by === 0n ? undefined : await this.#rollout(by);
      // Last, so that it is never older than what the rollout says.
      const { group } = await discovery.getGroup({ group: ref, atLeastRevision: revision }, call);
      return group === undefined || this.#isLeftToOthers(group) ? "gone" : { group, rollout, back };
    } catch (error) {
      if (hasReason(error, "NO_SUCH_GROUP")) return "gone";
      if (!hasReason(error, ...PASSING)) throw error;
      return { lost: error };
    }
  }

  /** Undefined before the leader has begun it; whether there is such a group is told by the group itself. */
  async #rollout(configRevision: bigint): Promise<Rollout | undefined> {
    if (!this.#knowsRollouts) return undefined;
    const { theseus, call } = this.#server;
    try {
      const { rollout } = await theseus.getRollout({ group: this.#goal.ref, configRevision }, call);
      return rollout;
    } catch (error) {
      if (hasReason(error, "NO_SUCH_CALL")) this.#knowsRollouts = false;
      else if (!hasReason(error, "NO_SUCH_REVISION", "NO_ROLLOUT", "NO_SUCH_GROUP")) throw error;
      return undefined;
    }
  }

  /** It was removed, and what others have registered in it is still there: then it has no config any more. */
  #isLeftToOthers({ config }: Group): boolean {
    return this.#goal.configRevision === undefined && config === undefined;
  }
}
