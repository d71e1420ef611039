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
import { complaintsAbout, type Expected, type Said } from "./four-lines.js";
import { type SetScene, setScene } from "./scene.js";
import { Trial } from "./trial.js";

/** They wait for most of their time: more of them at once than there are cores. */
const AT_ONCE = 4;

async function check(size: Size): Promise<Report> {
  const known = await CommandsKnown.load();
  const trial = new Trial(known, size);
  await onStage(async (stage) => {
    const proxy = await EngineProxy.start();
    try {
      const server = await stage.startServer({ dockerSocket: proxy.socket });
      const scene = await setScene(stage, server);
      await allAnswer(trial, stage, server, scene).finally(() => scene.close());
      await engineAway(trial, { server, scene, proxy });
      await storeAway(trial, stage, scene);
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
  const slow = [...serverAwayCases(scene), ...silentRegistryCases(scene)];
  await trial.run(server, [...hopelessCases(scene), ...slow], AT_ONCE);
}

/** Where it was said that nothing was changed. */
async function changes(stage: Stage, since: number, what: string): Promise<string[]> {
  const keys = await Promise.all(["/services", "/namespaces"].map((prefix) => changedKeys(stage.etcd, prefix, since)));
  return keys.flat().map((key) => `${what} changed ${key}`);
}

type EngineScene = {
  readonly server: RunningServer;
  readonly scene: SetScene;
  readonly proxy: EngineProxy;
};

/** The engine goes while a server runs; then a server is started where none ever was. */
async function engineAway(trial: Trial, { server, scene, proxy }: EngineScene): Promise<void> {
  await proxy.close();
  await trial.run(server, dockerAwayCases(scene, "killed", proxy.socket), AT_ONCE);
  await server.child.stop();
}

const NOWHERE = "/nowhere/docker.sock";

async function storeAway(trial: Trial, stage: Stage, scene: SetScene): Promise<void> {
  const server = await stage.startServer({ dockerSocket: NOWHERE });
  await stage.theseus(server, "server", "status", "--wait");
  await trial.run(server, dockerAwayCases(scene, "absent", NOWHERE), AT_ONCE);
  const since = await storeRevision(stage.etcd);
  stage.etcd.pause();
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

const said = (exit: number | null, stderr: string, more: Partial<Said> = {}): Said => {
  return { exit, stdout: "", stderr, json: false, ...more };
};
const FIRST = `${"error: there is no group web/prod".padEnd(74)} [NO_SUCH_GROUP]\n`;
const WHY = "  why   it was never made\n";
const NOW = "  now   nothing was changed\n";
const NEXT = "  next  theseus get groups web -l prod\n";
const GOOD = said(4, FIRST + WHY + NOW + NEXT);

const MADE_UP: readonly Said[] = [
  said(null, FIRST + WHY + NOW + NEXT),
  said(1, FIRST + WHY + NOW + NEXT),
  said(4, `${FIRST + WHY + NOW + NEXT}    at Object.<anonymous> (/app/main.js:3:9)\n`),
  said(4, FIRST + NOW + NEXT),
  said(4, FIRST + WHY + NEXT),
  said(4, FIRST + WHY + NOW),
  said(4, FIRST.replace("NO_SUCH_GROUP", "INTERNAL") + WHY + NOW + NEXT),
  said(4, FIRST.replace("web/prod", `web/prod ${"x".repeat(90)}`) + WHY + NOW + NEXT),
  said(4, FIRST.replace("there is no", "5 NOT_FOUND: rpc error") + WHY + NOW + NEXT),
  said(4, FIRST.replace("web/prod", "web/dev") + WHY + NOW + NEXT),
  said(4, `${FIRST + WHY + NOW}  next  theseus server start --dev\n`),
  said(4, `${FIRST + WHY + NOW}  next  theseus restart web/prod\n`),
  said(4, `${FIRST + WHY + NOW}  next  theseus scale web/prod 3 --hard\n`),
  said(4, FIRST + WHY + NOW + NEXT, { stdout: "web/prod\n" }),
  said(4, FIRST + WHY + NOW + NEXT, { json: true }),
  said(4, '{"error":{"code":"NO_SUCH_GROUP","exit":5,"message":"web/prod","why":[],"next":[]}}\n', { json: true }),
];

export const errors: Proof = { name: "errors", check, control };
