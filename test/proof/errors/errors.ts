// Whatever goes wrong has a code of its own and four lines, within 5 s, and never shows a stack: real commands against a
// real server whose store, engine, images and ports are made to fail.

import { EngineProxy } from "../../support/engine-proxy.js";
import { type RunningServer, theseus } from "../../support/theseus.js";
import type { Proof, Report, Size } from "../proof.js";
import { onStage, type Stage } from "../stage.js";
import { changedKeys, storeRevision } from "../store-history.js";
import {
  dockerAwayCases,
  hopelessCases,
  refusalCases,
  serverAwayCases,
  silentRegistryCases,
  storeAwayCases,
  usageCases,
} from "./cases.js";
import { CommandsKnown } from "./commands-known.js";
import { complaintsAbout, type Expected } from "./four-lines.js";
import { GOOD, MADE_UP } from "./made-up.js";
import { type SetScene, setScene } from "./scene.js";
import { Trial } from "./trial.js";

/** They wait for most of their time: more of them at once than there are cores. */
const AT_ONCE = 5;

async function check(size: Size): Promise<Report> {
  const known = await CommandsKnown.load();
  const trial = new Trial(known, size);
  await onStage(async (stage) => {
    const proxy = await EngineProxy.start();
    try {
      const server = await stage.startServer({ dockerSocket: proxy.socket });
      const scene = await setScene(stage, server);
      await allAnswer(trial, stage, server, scene).finally(() => scene.close());
      await proxy.close();
      await trial.run(server, dockerAwayCases(scene, "killed", proxy.socket), AT_ONCE);
      await storeAway(
        trial,
        stage,
        size === "small" ? server : await withoutEngine(trial, stage, server, scene),
        scene,
      );
    } finally {
      await stage.strike();
      await proxy.close();
    }
  });
  return { cases: trial.cases, violations: trial.violations };
}

async function allAnswer(trial: Trial, stage: Stage, server: RunningServer, scene: SetScene): Promise<void> {
  const since = await storeRevision(stage.etcd);
  await trial.run(server, [...usageCases(scene), ...refusalCases(scene)], 3);
  trial.violations.push(...(await changes(stage, since, "what was refused")));
  const slow = [...serverAwayCases(scene), ...hopelessCases(scene), ...silentRegistryCases(scene)];
  await trial.run(server, slow, AT_ONCE);
}

/** Where it was said that nothing was changed. */
async function changes(stage: Stage, since: number, what: string): Promise<string[]> {
  const keys = await Promise.all(["/services", "/namespaces"].map((prefix) => changedKeys(stage.etcd, prefix, since)));
  return keys.flat().map((key) => `${what} changed ${key}`);
}

const NOWHERE = "/nowhere/docker.sock";

/** A server that is started where no engine ever was. */
async function withoutEngine(
  trial: Trial,
  stage: Stage,
  before: RunningServer,
  scene: SetScene,
): Promise<RunningServer> {
  await before.child.stop();
  const server = await stage.startServer({ dockerSocket: NOWHERE });
  await stage.theseus(server, "server", "status", "--wait");
  await trial.run(server, dockerAwayCases(scene, "absent", NOWHERE), AT_ONCE);
  return server;
}

async function storeAway(trial: Trial, stage: Stage, server: RunningServer, scene: SetScene): Promise<void> {
  const since = await storeRevision(stage.etcd);
  await stage.etcd.pause();
  await trial.run(server, storeAwayCases(scene, "stopped"), AT_ONCE);
  await stillFound(trial, server, scene.group);
  stage.etcd.resume();
  await stage.etcd.kill9();
  await trial.run(server, storeAwayCases(scene, "killed"), AT_ONCE);
  await stillFound(trial, server, scene.group);
  await stage.etcd.start();
  trial.violations.push(...(await changes(stage, since, "a change without a store")));
}

/** "the last discovery answers are not affected" */
async function stillFound(trial: Trial, server: RunningServer, group: string): Promise<void> {
  const { code, stderr } = await server.theseus(["discover", group]);
  if (code !== 0) trial.violations.push(`without a store ${group} is not discovered: ${stderr}`);
}

/** Bad answers that were made up, and a good command that is taken for a failing one: each has to be complained about. */
async function control(): Promise<Report> {
  const known = await CommandsKnown.load();
  const expected: Expected = { code: "NO_SUCH_GROUP", exit: 4, says: ["web/prod"] };
  const found = await Promise.all(MADE_UP.map((said) => complaintsAbout(said, expected, known)));
  const healthy = await theseus("127.0.0.1:1", ["help"]);
  found.push(await complaintsAbout({ ...healthy, exit: healthy.code, json: false }, expected, known));
  const good = await complaintsAbout(GOOD, expected, known);
  const blind = found.some((complaints) => complaints.length === 0) || good.length > 0;
  return { cases: found.length, violations: blind ? [] : found.flat() };
}

export const errors: Proof = { name: "errors", check, control };
