// Whatever goes wrong has a code of its own and four lines, within 5 s, and never shows a stack: real commands against a
// real server whose store, engine, images and ports are made to fail.

import { EngineProxy } from "../../support/engine-proxy.js";
import { type RunningServer, theseus } from "../../support/theseus.js";
import type { Proof, Report, Size } from "../proof.js";
import { onStage, type Stage } from "../stage.js";
import {
  dockerAwayCases,
  type ErrorCase,
  hopelessCases,
  refusalCases,
  serverAwayCases,
  storeAwayCases,
  usageCases,
} from "./cases.js";
import { CommandsKnown } from "./commands-known.js";
import { complaintsAbout, type Expected, type Said } from "./four-lines.js";
import { type SetScene, setScene } from "./scene.js";

/** Asked for by the promise: nobody waits longer to hear what is wrong. */
const WITHIN_MS = 5000;
const AT_ONCE = 3;

class Trial {
  readonly violations: string[] = [];
  cases = 0;
  readonly #known: CommandsKnown;
  readonly #stage: Stage;

  constructor(known: CommandsKnown, stage: Stage) {
    this.#known = known;
    this.#stage = stage;
  }

  /** Each as text and as JSON. */
  async run(server: RunningServer, cases: readonly ErrorCase[]): Promise<void> {
    const queue = cases.flatMap((one) => [false, true].map((json) => ({ one, json }))).values();
    const worker = async () => {
      for (const { one, json } of queue) await this.#try(server, one, json);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  async #try(server: RunningServer, one: ErrorCase, json: boolean): Promise<void> {
    const tag = json ? "json" : "text";
    const argv = [...one.argv(tag), ...(json ? ["-o", "json"] : [])];
    const begun = performance.now();
    const address = one.server ?? server.listeners.grpc;
    const { code, stdout, stderr } = await theseus(address, argv, { patienceMs: WITHIN_MS });
    const took = Math.round(performance.now() - begun);
    const said = { exit: code, stdout: json ? withoutResult(stdout) : stdout, stderr, json };
    const complaints = await complaintsAbout(said, one, this.#known);
    this.cases += 1;
    if (!json) console.error(`errors: ${one.name}: ${/\[[A-Z_]+\]$/m.exec(stderr)?.[0] ?? "?"} exit ${code}, ${took} ms`);
    for (const what of complaints) this.violations.push(`${one.name} (${tag}): ${what}; it said: ${stderr}`);
  }
}

/** `apply -o json` says on stdout how each group ended. */
function withoutResult(stdout: string): string {
  return stdout.startsWith("{") && stdout.includes('"ApplyResult"') ? "" : stdout;
}

async function check(size: Size): Promise<Report> {
  const known = await CommandsKnown.load();
  return await onStage(async (stage) => {
    const trial = new Trial(known, stage);
    const proxy = await EngineProxy.start();
    try {
      const server = await stage.startServer({ dockerSocket: proxy.socket });
      const scene = await setScene(stage, server);
      await healthy(trial, server, scene).finally(() => scene.close());
      await engineCut(trial, stage, server, proxy);
      await storeCut(trial, stage, scene);
    } finally {
      await stage.strike();
      await proxy.close();
    }
    void size;
    return { cases: trial.cases, violations: trial.violations };
  });
}

async function healthy(trial: Trial, server: RunningServer, scene: SetScene): Promise<void> {
  await trial.run(server, [
    ...usageCases(scene),
    ...refusalCases(scene),
    ...hopelessCases(scene),
    ...serverAwayCases(scene),
  ]);
}

/** The engine goes while a server runs; then a server is started where none ever was. */
async function engineCut(trial: Trial, stage: Stage, server: RunningServer, proxy: EngineProxy): Promise<void> {
  await proxy.close();
  await trial.run(server, dockerAwayCases(stage.image, "killed"));
  await server.child.stop();
}

async function storeCut(trial: Trial, stage: Stage, { group }: SetScene): Promise<void> {
  const server = await stage.startServer({ dockerSocket: "/nowhere/docker.sock" });
  await trial.run(server, dockerAwayCases(stage.image, "never-there"));
  stage.etcd.pause();
  await trial.run(server, storeAwayCases(stage.image, "stopped", group));
  stage.etcd.resume();
  await stage.etcd.kill9();
  await trial.run(server, storeAwayCases(stage.image, "killed", group));
  await stage.etcd.start();
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
