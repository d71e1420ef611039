// The part of the store in memory that keeps what is left of failed containers. Whoever asks is let in, if the container is
// as it was seen: the fence is held by the suites of the real store.

import type { Evidence } from "../../src/model/evidence.js";
import type { Fence, FencedResult, SchedulerStore, SeenGroup } from "../../src/model/store.js";

export abstract class MemoryEvidence {
  /** By container, oldest first. */
  readonly evidence = new Map<string, Evidence>();

  abstract readGroup(...asked: Parameters<SchedulerStore["readGroup"]>): ReturnType<SchedulerStore["readGroup"]>;

  async keepEvidence(_fence: Fence, { ref, intents: seen }: SeenGroup, evidence: Evidence): Promise<FencedResult> {
    const { container: name } = evidence;
    if (this.evidence.has(name)) return { ok: true, revision: 0n };
    const { intents } = await this.readGroup(ref);
    if (intents.get(name)?.modRevision !== seen.get(name)?.modRevision) return { ok: false, why: "stale" };
    this.evidence.set(name, evidence);
    return { ok: true, revision: 0n };
  }

  async readEvidence() {
    return { evidence: [...this.evidence.values()].reverse(), revision: 0n };
  }

  async forgetEvidence(): Promise<void> {}
}
