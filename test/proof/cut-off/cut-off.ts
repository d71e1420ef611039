// Servers that cannot reach Docker any more: the leader alone, or all of them. Nothing is known of what runs there, so
// nothing is called lost and nothing is replaced or removed, people are told, and it goes on by itself.

import { systemClock as clock } from "../../../src/system.js";
import type { Cut } from "../../support/engine-proxy.js";
import type { SeenEvent } from "../../support/observed-engine.js";
import { ObservedGroup } from "../../support/observed-group.js";
import type { LoggedWrite } from "../../support/store-log.js";
import { until } from "../../support/until.js";
import type { Proof, Report, Size } from "../proof.js";
import { onStage, type Stage } from "../stage.js";
import { type Wired, WiredHouse } from "../zombie/wired-house.js";

const GROUP = "web/dev";
const INSTANCES = 3;
const HOST = "/theseus/hosts/local";
/** A call may have to run into its deadline first. */
const ALARM_WITHIN_MS = 15_000;
const RESUMES_WITHIN_MS = 10_000;
const CONVERGES_WITHIN_MS = 30_000;

type Row = {
  readonly who: "leader" | "everybody";
  readonly how: Cut;
  readonly lengthMs: number;
  /** A version is asked for meanwhile. */
  readonly isAsked?: boolean;
  /** Another one follows, and cannot reach Docker either. */
  readonly leaderDies?: boolean;
};

class Scene {
  readonly group: ObservedGroup;
  #version = 1;

  constructor(
    readonly stage: Stage,
    readonly house: WiredHouse,
    private readonly events: () => readonly SeenEvent[],
  ) {
    this.group = new ObservedGroup(stage, GROUP);
  }

  async play(row: Row): Promise<string[]> {
    const { member: leader, term } = await this.house.leader();
    const cut = row.who === "leader" ? [leader] : this.house.members;
    const since = Date.now();
    const { revision } = this.house.log;
    for (const { engine } of cut) engine.cut(row.how);
    const unheard = await this.#alarmed(revision);
    const asked = row.isAsked === true ? await this.#ask(leader) : this.house.log.revision;
    if (row.leaderDies === true) {
      await leader.server.child.kill9();
      await this.house.leader(term);
    }
    await clock.sleep(row.lengthMs);
    const changes = [...unheard, ...this.changesSince(since, revision)];
    for (const { engine } of cut) engine.mend();
    const found = [...changes, ...(await this.#resumed(asked, row.isAsked === true))];
    const name = `${row.who} cut off from Docker (${row.how}${row.leaderDies === true ? ", and the leader dies" : ""})`;
    return found.map((text) => `${name}: ${text}`);
  }

  /** What was done to containers, or told of them. */
  changesSince(time: number, revision: number): string[] {
    const told = this.house.log.writes.filter((one) => one.revision > revision && isOfContainers(one));
    return [
      ...this.events()
        .filter(({ at }) => at > time)
        .map(({ action, attributes }) => `Docker says ${action} of ${attributes["name"]}`),
      ...told.map(({ key, value }) => `written: ${key} ${value}`),
    ];
  }

  async #alarmed(revision: number): Promise<string[]> {
    const isTold = ({ key, value = "" }: LoggedWrite) => key === HOST && value.includes("HOST_UNREACHABLE");
    return await this.house.log.next("the host to be told as silent", revision, isTold, ALARM_WITHIN_MS).then(
      () => [],
      (error: Error) => [error.message],
    );
  }

  /** The revision before it. */
  async #ask({ server }: Wired): Promise<number> {
    this.#version += 1;
    const { revision } = this.house.log;
    await this.stage.theseus(server, "update", GROUP, "--env", `V=${this.#version}`, "--detach");
    return revision;
  }

  /** By itself, and all that was asked meanwhile is done. */
  async #resumed(revision: number, isAsked: boolean): Promise<string[]> {
    const back = Date.now();
    const isTold = ({ key, value = "" }: LoggedWrite) => key === HOST && !value.includes("HOST_UNREACHABLE");
    const acts = isAsked ? isOfContainers : isTold;
    try {
      await this.house.log.next("it to go on", revision, acts, RESUMES_WITHIN_MS);
      const resumed = Date.now() - back;
      const isDone = async () => (await this.#outdated()).length === 0;
      await until("all to be as asked", isDone, { withinMs: CONVERGES_WITHIN_MS, everyMs: 200 });
      await this.group.ready(INSTANCES);
      console.error(`cut-off: it went on after ${resumed} ms`);
      return [];
    } catch (error) {
      return [String(error)];
    }
  }

  async #outdated(): Promise<string[]> {
    type Raw = { readonly Name: string; readonly Config: { readonly Env: readonly string[] } };
    const found = (await this.group.containers()).map(({ id }) =>
      this.stage.engine.json<Raw>("GET", `/containers/${id}/json`).catch(() => undefined),
    );
    const isOld = (one: Raw | undefined) => !one?.Config.Env.includes(`V=${this.#version}`);
    return (await Promise.all(found)).filter(isOld).map((one) => `${one?.Name}`);
  }
}

const isOfContainers = ({ key }: LoggedWrite): boolean => key.startsWith("/services/web/dev/containers/");

async function onScene(work: (scene: Scene) => Promise<string[]>): Promise<string[]> {
  return await onStage(async (stage) => {
    const house = await WiredHouse.open(stage, 2);
    const events = await stage.engine.follow();
    try {
      const config = { image: stage.image, instances: INSTANCES, env: { V: "1" }, ports: { http: 8080 } };
      const stop = { grace: "1s", ack_deadline: "500ms" };
      const update = { min_healthy_time: "0s", progress_deadline: "10m" };
      const { server } = (await house.leader()).member;
      await stage.apply(server, { [GROUP]: { ...config, stop, update } });
      await new ObservedGroup(stage, GROUP).stable();
      const cluster = await stage.store.clusterId();
      const isOurs = ({ attributes }: SeenEvent) => attributes["theseus.cluster"] === cluster;
      return await work(new Scene(stage, house, () => events.seen.filter(isOurs)));
    } finally {
      for (const { engine } of house.members) engine.mend();
      events.close();
      await stage.strike();
      await house.close();
    }
  });
}

const FULL: readonly Row[] = [
  { who: "leader", how: "refused", lengthMs: 60_000 },
  { who: "leader", how: "swallowed", lengthMs: 30_000, isAsked: true },
  { who: "everybody", how: "swallowed", lengthMs: 60_000 },
  { who: "everybody", how: "refused", lengthMs: 30_000, isAsked: true, leaderDies: true },
];
const SMALL: readonly Row[] = [{ who: "everybody", how: "refused", lengthMs: 2_000 }];

async function check(size: Size): Promise<Report> {
  const rows = size === "full" ? FULL : SMALL;
  const violations = await onScene(async (scene) => {
    const found: string[] = [];
    for (const row of rows) found.push(...(await scene.play(row)));
    return found;
  });
  return { cases: rows.length, violations };
}

/** The leader is told that nothing is there, and believes it. */
async function control(): Promise<Report> {
  const violations = await onScene(async (scene) => {
    const { member } = await scene.house.leader();
    const { revision } = scene.house.log;
    member.engine.answerFor = ({ method, path }) =>
      method === "GET" && path.includes("/containers/json") ? [] : undefined;
    // It looks when it is told that something happened.
    const [one] = await scene.group.containers();
    await scene.stage.engine.json("POST", `/containers/${one?.id}/update`, { CpuShares: 100 });
    const since = Date.now();
    // The one by hand is told now and then after it was answered.
    const changes = () => scene.changesSince(since, revision).filter((text) => !text.includes(" update of "));
    await until("somebody to be called lost", () => changes().length > 0).catch(() => undefined);
    return changes();
  });
  return { cases: 1, violations };
}

export const cutOff: Proof = { name: "cut-off", check, control };
