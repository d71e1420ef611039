// Waiting after a change: until the group is steady, or gone, or cannot become so, or our own patience ends. The work
// goes on in the server whatever happens here.

import { type Attention, type Group, GroupState } from "../../gen/theseus/v1/group.js";
import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { Context } from "../context.js";
import { Failure, hasReason, toFailure } from "../failure.js";
import { sameTarget } from "../globals.js";
import { reasonCode } from "../output/words.js";
import { formatDuration } from "../quantities.js";
import { formatGroup } from "../references.js";
import type { Server } from "../server.js";
import { openDrains } from "./drains.js";
import { pause } from "./pause.js";
import { Progress, readyText } from "./progress.js";
import { Verdicts } from "./verdict.js";

const PACE = 150;
const DEFAULT_TIMEOUT = 10 * 60_000;
/** A server that is being restarted is waited for. */
const LOST_PATIENCE = 20_000;
/** What takes no longer is not worth a line. */
const DRAIN_PATIENCE = 1_000;
const PASSING = ["SERVER_UNREACHABLE", "NOT_READY", "STORE_UNREACHABLE", "OUTCOME_UNKNOWN"];

export interface Waiting {
  readonly context: Context;
  readonly server: Server;
}

export interface Goal {
  readonly ref: GroupRef;
  /** The store's revision of the change. */
  readonly revision: bigint;
  /** The config revision that has to become steady; undefined when the group has to go. */
  readonly configRevision: bigint | undefined;
}

export interface Reached {
  /** Undefined when the group is gone. */
  readonly group: Group | undefined;
  /** Milliseconds. */
  readonly took: number;
}

/** @throws Failure with the code that says why it will not come about, STILL_RUNNING, SUPERSEDED or CANCELLED. */
export function waitFor(waiting: Waiting, goal: Goal): Promise<Reached> {
  return new Wait(waiting, goal).run();
}

class Wait {
  readonly #waiting: Waiting;
  readonly #goal: Goal;
  readonly #name: string;
  readonly #started = Date.now();
  readonly #verdicts = new Verdicts();
  readonly #progress: Progress;
  #lostSince: number | undefined;
  #lookedAtDrains = this.#started;
  #drains: readonly string[] = [];
  #last: Group | undefined;

  constructor(waiting: Waiting, goal: Goal) {
    this.#waiting = waiting;
    this.#goal = goal;
    this.#name = formatGroup(goal.ref);
    this.#progress = new Progress(waiting.context, this.#name, this.#started);
  }

  async run(): Promise<Reached> {
    const timeout = this.#waiting.context.globals.timeout ?? DEFAULT_TIMEOUT;
    for (;;) {
      const reached = await this.#look();
      if (reached !== undefined) return reached;
      if (Date.now() - this.#started >= timeout) throw this.#stillRunning(timeout);
      await pause(PACE, this.#waiting.context.io.interrupted).catch((error: unknown) => {
        throw this.#interrupted(error);
      });
    }
  }

  async #look(): Promise<Reached | undefined> {
    const group = await this.#read();
    const now = Date.now();
    if (group === "lost") return undefined;
    if (group === "gone") return this.#gone();
    this.#last = group;
    this.#progress.show(group, now);
    if (this.#isSuperseded(group)) throw this.#superseded(group);
    if (this.#isSteady(group)) return { group, took: now - this.#started };
    const reasons = this.#verdicts.judge(group, now);
    if (reasons.length > 0) throw this.#hopeless(group, reasons);
    await this.#tellDrains(group, now);
    return undefined;
  }

  async #tellDrains({ status }: Group, now: number): Promise<void> {
    const isLeaving = status?.state === GroupState.ROLLING || status?.state === GroupState.REMOVING;
    if (!isLeaving || now - this.#lookedAtDrains < DRAIN_PATIENCE) return;
    this.#lookedAtDrains = now;
    this.#drains = await openDrains(this.#waiting.server, this.#goal.ref);
    this.#progress.waitFor(this.#drains, Date.now());
  }

  async #read(): Promise<Group | "gone" | "lost"> {
    const { ref, revision } = this.#goal;
    const { discovery, call } = this.#waiting.server;
    try {
      const { group } = await discovery.getGroup({ group: ref, atLeastRevision: revision }, call);
      this.#lostSince = undefined;
      return group === undefined || this.#isLeftToOthers(group) ? "gone" : group;
    } catch (error) {
      if (hasReason(error, "NO_SUCH_GROUP")) return "gone";
      if (hasReason(error, "CANCELLED")) throw this.#interrupted(error);
      if (!hasReason(error, ...PASSING)) throw error;
      return this.#lost(error);
    }
  }

  /** It was removed, and what others have registered in it is still there: then it has no config any more. */
  #isLeftToOthers({ config }: Group): boolean {
    return this.#goal.configRevision === undefined && config === undefined;
  }

  #lost(error: unknown): "lost" {
    const now = Date.now();
    if (this.#lostSince === undefined) {
      this.#lostSince = now;
      this.#progress.remark("connection lost, trying again; the work goes on", now);
    }
    if (now - this.#lostSince > LOST_PATIENCE) throw this.#saying(toFailure(error));
    return "lost";
  }

  #gone(): Reached {
    if (this.#goal.configRevision === undefined) return { group: undefined, took: Date.now() - this.#started };
    throw new Failure("NO_SUCH_GROUP", {
      what: `${this.#name} was removed while it was waited for`,
      now: "the group is gone",
      next: [this.#command("get groups")],
    });
  }

  #isSteady({ status, configRevision }: Group): boolean {
    const { configRevision: wanted } = this.#goal;
    return wanted !== undefined && configRevision === wanted && status?.state === GroupState.STEADY;
  }

  #isSuperseded({ configRevision, status }: Group): boolean {
    const { configRevision: wanted } = this.#goal;
    if (wanted === undefined) return false;
    return configRevision > wanted || status?.state === GroupState.REMOVING;
  }

  #superseded({ configRevision, lastChange, status }: Group): Failure {
    const removing = status?.state === GroupState.REMOVING;
    const by = lastChange?.actor ? ` by ${lastChange.actor}` : "";
    return new Failure("SUPERSEDED", {
      what: `${this.#name} was changed by a newer command while it was waited for`,
      why: [
        removing
          ? "it is being removed"
          : `it is at rev ${configRevision}${by}; this waited for rev ${this.#goal.configRevision}`,
      ],
      now: "the newer change goes on",
      next: [this.#command(`describe ${this.#name}`)],
    });
  }

  #hopeless(group: Group, reasons: readonly Attention[]): Failure {
    const [first] = reasons;
    const code = first === undefined ? "INTERNAL" : reasonCode(first.reason);
    const same = reasons.filter(({ reason }) => reason === first?.reason).map(({ text }) => text);
    return new Failure(code, {
      what: first === undefined ? this.#name : headline(this.#name, code, group),
      why: [...new Set(same)],
      now: this.#present(group, first?.retryTime),
      next: this.#remedies(code),
    });
  }

  #stillRunning(timeout: number): Failure {
    const texts = [...(this.#last?.status?.attention ?? []).map(({ text }) => text), ...this.#drains];
    const state = this.#last?.status === undefined ? "" : ` at ${readyText(this.#last.status)}`;
    return new Failure("STILL_RUNNING", {
      what: `stopped waiting after ${formatDuration(timeout)}: ${this.#name} is${state || " on its way"}`,
      why: texts.length > 0 ? texts : ["nothing has failed; it takes longer than --timeout"],
      now: "the work goes on in the server",
      next: [this.#command(`describe ${this.#name}`)],
    });
  }

  #interrupted(cause: unknown): Failure {
    return new Failure("CANCELLED", {
      what: `stopped waiting for ${this.#name}`,
      now: "the change was accepted; the work goes on in the server",
      next: [this.#command(`describe ${this.#name}`)],
      cause,
    });
  }

  /** The same failure, said of a change that is accepted already. */
  #saying(failure: Failure): Failure {
    return new Failure(failure.code, {
      ...failure.parts,
      now: "the change was accepted; the work goes on without us watching",
    });
  }

  #present({ status, configRevision }: Group, retry: Date | undefined): string {
    const ready = status === undefined ? "" : `, ${readyText(status)}`;
    const again = retry === undefined ? "" : `; Theseus tries again at ${retry.toISOString().slice(11, 19)}Z`;
    const what = this.#goal.configRevision === undefined ? "its removal is stored" : `rev ${configRevision} is stored`;
    return `${what}${ready}${again}`;
  }

  #remedies(code: string): string[] {
    const describe = this.#command(`describe ${this.#name}`);
    if (code.startsWith("IMAGE_")) return [this.#command(`set image ${this.#name} IMAGE`), describe];
    if (code === "HOST_UNREACHABLE") return [this.#command("get hosts"), "on that host: systemctl status docker"];
    if (code === "STORE_DAMAGED") return [describe, this.#command("recover")];
    if (code === "NO_HOST_FITS" || code === "PORT_TAKEN") return [describe, this.#command("get hosts")];
    return [describe];
  }

  #command(words: string): string {
    const { namespace } = this.#goal.ref;
    return `theseus ${words}${sameTarget({ ...this.#waiting.context.globals, namespace })}`;
  }
}

const HEADLINES: Readonly<Record<string, string>> = {
  IMAGE_NOT_FOUND: "its image does not exist",
  IMAGE_DENIED: "its image may not be pulled",
  IMAGE_PLATFORM: "its image is for another platform",
  REGISTRY_UNREACHABLE: "no registry answers for its image",
  COMMAND_NOT_FOUND: "its image has no such program",
  NETWORK_NOT_FOUND: "its Docker network does not exist",
  CONTAINER_EXITED: "its containers do not stay up",
  CONTAINER_REFUSED: "Docker refuses its containers",
  NO_HOST_FITS: "not all of its containers fit on a host",
  PORT_TAKEN: "a host port that it needs is taken",
  HOST_UNREACHABLE: "no answer from Docker",
  ENGINE_CHANGED: "another Docker Engine answers at the host's address",
  STORE_DAMAGED: "the store is not true to what runs",
};

function headline(name: string, code: string, { configRevision }: Group): string {
  return `${name} rev ${configRevision}: ${HEADLINES[code] ?? code}`;
}
