// The part of the store in memory that keeps what is left of failed containers. Whoever asks is let in: the fence is held by
// the suites of the real store.

import type { Evidence } from "../../src/model/evidence.js";
import type { Fence, FencedResult, GroupKey } from "../../src/model/store.js";

export class MemoryEvidence {
  /** By container, oldest first. */
  readonly evidence = new Map<string, Evidence>();

  async keepEvidence(_fence: Fence, _group: GroupKey, evidence: Evidence): Promise<FencedResult> {
    if (!this.evidence.has(evidence.container)) this.evidence.set(evidence.container, evidence);
    return { ok: true, revision: 0n };
  }

  async readEvidence() {
    return { evidence: [...this.evidence.values()].reverse(), revision: 0n };
  }

  async forgetEvidence(): Promise<void> {}
}
