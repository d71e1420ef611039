// How a wait can end other than well, in words: what happened, why, what is true now, what to do next. Pure.

import { type Attention, type Group, GroupState } from "../../gen/theseus/v1/group.js";
import { type Rollout, RolloutState } from "../../gen/theseus/v1/rollout.js";
import type { Context } from "../context.js";
import { Failure } from "../failure.js";
import { sameTarget } from "../globals.js";
import { goingOnWords, newText, rolloutObject, slotText } from "../output/rollout.js";
import { reasonCode } from "../output/words.js";
import { formatDuration } from "../quantities.js";
import { formatGroup } from "../references.js";
import { isInMotion } from "./events.js";
import type { Goal } from "./goal.js";
import type { Sight } from "./reader.js";
import { rolloutFailure } from "./rollout-failure.js";
import { clockText, readyText } from "./view.js";

const MOST_NAMED = 8;

export class Failures {
  readonly name: string;
  readonly #goal: Goal;
  readonly #target: string;

  constructor({ globals }: Pick<Context, "globals">, goal: Goal) {
    this.name = formatGroup(goal.ref);
    this.#goal = goal;
    this.#target = sameTarget({ ...globals, namespace: goal.ref.namespace || globals.namespace });
  }

  /** Flags that lead a suggested command to the same place. */
  get target(): string {
    return this.#target;
  }

  removed(): Failure {
    return new Failure("NO_SUCH_GROUP", {
      what: `${this.name} was removed while it was waited for`,
      now: "the group is gone",
      next: [this.#command("get groups")],
    });
  }

  superseded({ group, rollout }: Sight): Failure {
    const { configRevision, lastChange, status } = group;
    const by = lastChange?.actor ? ` by ${lastChange.actor}` : "";
    const waited = this.#goal.configRevision;
    const removing = status?.state === GroupState.REMOVING;
    return new Failure("SUPERSEDED", {
      what: `${this.name} was changed again while it was waited for`,
      why: [removing ? "it is being removed" : `it is at rev ${configRevision}${by}; this waited for rev ${waited}`],
      now: "the newer change goes on",
      next: [
        this.#command(`describe ${this.name}`),
        ...(rollout === undefined || removing
          ? []
          : [this.#command(`rollout diff ${this.name}@${waited} ${this.name}@${configRevision}`)]),
      ],
      ...this.#details({ rollout }),
    });
  }

  /** The rollout is over, and not as asked. */
  ended(sight: Sight): Failure {
    return rolloutFailure(sight, { name: this.name, target: this.#target });
  }

  hopeless({ group, rollout }: Sight, reasons: readonly Attention[]): Failure {
    const [first] = reasons;
    const code = first === undefined ? "INTERNAL" : reasonCode(first.reason);
    const same = reasons.filter(({ reason }) => reason === first?.reason).map(({ text }) => text);
    const headline = `${this.name} rev ${group.configRevision}: ${HEADLINES[code] ?? code}`;
    return new Failure(code, {
      what: first === undefined ? this.name : headline,
      why: [...new Set(same)],
      now: this.#present(group, first?.retryTime),
      next: [...this.#remedies(code), ...this.#wayBack(rollout)],
      ...this.#details({ rollout }),
    });
  }

  stillRunning(timeout: number, last: Sight | undefined, drains: readonly string[]): Failure {
    const started = `stopped waiting after ${formatDuration(timeout)}: `;
    const rollout = last?.back ?? last?.rollout;
    const texts = [...(last?.group.status?.attention ?? []).map(({ text }) => text), ...drains];
    if (last === undefined || rollout === undefined) {
      const state = last?.group.status === undefined ? "" : ` at ${readyText(last.group.status)}`;
      return new Failure("STILL_RUNNING", {
        what: `${started}${this.name} is${state || " on its way"}`,
        why: texts.length > 0 ? texts : ["nothing has failed; it takes longer than --timeout"],
        now: "the work goes on in the server",
        next: [this.#command(`describe ${this.name}`)],
      });
    }
    const slots = rollout.slots.filter(isInMotion).slice(0, MOST_NAMED).map(slotText);
    const why = [...(rollout.state === RolloutState.PAUSED ? ["it is paused"] : []), ...slots, ...texts];
    const serving = last.group.status === undefined ? "" : `; ${readyText(last.group.status)}`;
    return new Failure("STILL_RUNNING", {
      what: `${started}${rollout.id} of ${this.name} is at ${newText(rollout)}`,
      why: why.length > 0 ? why : ["nothing has failed; it takes longer than --timeout"],
      now: `${goingOnText(rollout)}${serving}`,
      next: [this.#command(`rollout status ${this.name}`), ...this.#turns(last.rollout)],
      ...this.#details({ rollout }),
    });
  }

  /** What can be done to one that goes on. */
  #turns(rollout: Rollout | undefined): string[] {
    if (rollout?.state === RolloutState.PAUSED) return [this.#command(goingOnWords(rollout, this.name))];
    return rollout?.state === RolloutState.RUNNING ? [this.#command(`rollout pause ${this.name}`)] : [];
  }

  interrupted(last: Sight | undefined, cause: unknown): Failure {
    const words = last?.rollout === undefined ? `describe ${this.name}` : `rollout status ${this.name}`;
    return new Failure("CANCELLED", {
      what: `stopped ${this.#asked === undefined ? "watching" : "waiting for"} ${this.name}`,
      now: `${this.#asked ?? "this command has changed nothing"}; ${workText(last)}`,
      next: [this.#command(words)],
      cause,
    });
  }

  /** The same failure, where what was waited for goes on. */
  accepted({ code, parts }: Failure): Failure {
    const asked = this.#asked === undefined ? "" : `${this.#asked}; `;
    return new Failure(code, { ...parts, now: `${asked}the work goes on without us watching` });
  }

  /** What the command has done before it waited; undefined: nothing, it only watches. */
  get #asked(): string | undefined {
    const { revision, configRevision, aborted } = this.#goal;
    if (revision === 0n) return undefined;
    if (configRevision === undefined) return "the removal was accepted";
    return aborted ? "the abort was accepted" : "the change was accepted";
  }

  #present({ status, configRevision }: Group, retry: Date | undefined): string {
    const ready = status === undefined ? "" : `, ${readyText(status)}`;
    const again = retry === undefined ? "" : `; Theseus tries again at ${clockText(retry)}`;
    const what = this.#goal.configRevision === undefined ? "its removal is stored" : `rev ${configRevision} is stored`;
    return `${what}${ready}${again}`;
  }

  #remedies(code: string): string[] {
    const describe = this.#command(`describe ${this.name}`);
    if (code.startsWith("IMAGE_")) return [this.#command(`set image ${this.name} IMAGE`), describe];
    if (code === "HOST_UNREACHABLE") return [this.#command("get hosts"), "on that host: systemctl status docker"];
    if (code === "STORE_DAMAGED") return [describe, this.#command("recover")];
    if (code === "NO_HOST_FITS" || code === "PORT_TAKEN") return [describe, this.#command("get hosts")];
    return [describe];
  }

  #wayBack(rollout: Rollout | undefined): string[] {
    return rollout === undefined || rollout.fromRevision === 0n ? [] : [this.#command(`rollout undo ${this.name}`)];
  }

  #command(words: string): string {
    return `theseus ${words}${this.#target}`;
  }

  #details({ rollout }: Pick<Sight, "rollout">): { readonly details?: Record<string, unknown> } {
    return rollout === undefined ? {} : { details: { rollout: rolloutObject(rollout) } };
  }
}

function goingOnText({ state, deadlineTime, fromRevision }: Rollout): string {
  if (state === RolloutState.PAUSED) return "the rollout stands still until somebody resumes it";
  if (state === RolloutState.ROLLING_BACK) return `the way back to rev ${fromRevision} goes on`;
  return `the rollout goes on${deadlineTime === undefined ? "" : `, its own deadline is ${clockText(deadlineTime)}`}`;
}

/** What goes on in the server without us. */
function workText(last: Sight | undefined): string {
  const rollout = last?.back ?? last?.rollout;
  if (rollout === undefined) return "the work goes on in the server";
  const verb = rollout.state === RolloutState.PAUSED ? "stands still in the server" : "goes on in the server";
  return `${rollout.id} ${verb}, at ${newText(rollout)}`;
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
