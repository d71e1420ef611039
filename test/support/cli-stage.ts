// The command line against a server that says what it is told to say, in a folder of its own.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { ListContainersResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import type { ErrorReason } from "../../clients/gen/theseus/v1/error_reason.js";
import { type Group, GroupState } from "../../clients/gen/theseus/v1/group.js";
import { GroupPlan, PlanAction } from "../../clients/gen/theseus/v1/plan.js";
import { containerOf, groupOf, refOf } from "./fake-groups.js";
import { type FakeTheseus, type Handlers, Refusal, startFakeTheseus } from "./fake-theseus.js";
import { type CliOptions, type CliResult, runCli } from "./run-cli.js";

export class CliStage {
  #server: FakeTheseus | undefined;
  #folder: Promise<string> | undefined;

  /** One command against a fresh server. */
  async theseus(handlers: Handlers, argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    this.#server?.close();
    this.#server = await startFakeTheseus(handlers);
    const env = { THESEUS_SERVER: this.#server.address, ...options.env };
    return runCli(argv, { cwd: await this.folder(), ...options, env });
  }

  /** The requests of this call that the last command sent. */
  sent(name: string): unknown[] {
    return (this.#server?.calls ?? []).filter((call) => call.name === name).map(({ request }) => request);
  }

  /** All calls that the last command made. */
  names(): string[] {
    return (this.#server?.calls ?? []).map(({ name }) => name);
  }

  async write(name: string, text: string): Promise<void> {
    await writeFile(join(await this.folder(), name), text);
  }

  /** One, also for two who ask at once. */
  folder(): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir(), "theseus-cli-"));
    return this.#folder;
  }

  async strike(): Promise<void> {
    this.#server?.close();
    if (this.#folder !== undefined) await rm(await this.#folder, { recursive: true });
    this.#folder = undefined;
  }
}

/** What GetGroup answers, call after call; the last one stays. */
export function story(...groups: readonly (Group | "gone")[]): Handlers {
  const left = [...groups];
  return {
    getGroup: () => {
      const group = left.length > 1 ? left.shift() : left[0];
      if (group === undefined || group === "gone")
        throw new Refusal({ code: status.NOT_FOUND, reason: "NO_SUCH_GROUP", message: "there is no such group" });
      return { group };
    },
    listContainers: () => ListContainersResponse.fromPartial({ containers: [containerOf("web/dev", 1)] }),
  };
}

/** From rev 1 to 2, where something changes. */
export function plan(text: string, action: PlanAction, more: Partial<GroupPlan> = {}): GroupPlan {
  const toRevision = action === PlanAction.NONE ? 1n : 2n;
  return GroupPlan.fromPartial({ ref: refOf(text), action, fromRevision: 1n, toRevision, ...more });
}

/** web/dev at rev 2, on its way. */
export const STARTING = groupOf("web/dev", { rev: 2, state: GroupState.STARTING, ready: 0 });
/** web/dev at rev 2, as asked. */
export const STEADY = groupOf("web/dev", { rev: 2 });

/** web/dev at rev 2, in trouble. */
export function trouble(reason: ErrorReason, text: string): Group {
  return groupOf("web/dev", { rev: 2, state: GroupState.FAILING, ready: 0, attention: [{ reason, text, slot: 1 }] });
}

export const UPDATING: Handlers = {
  updateGroup: () => ({ group: undefined, plan: plan("web/dev", PlanAction.UPDATE), revision: 50n }),
};
