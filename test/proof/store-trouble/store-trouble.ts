// Whatever is wrong with the store is told plainly, kills no server and no container, and is over without a restart once
// it is mended: NOSPACE, full disks, certificates, users, addresses.

import { GetServerStatusResponse } from "../../../clients/gen/theseus/v1/theseus_service.js";
import { type FakeTheseus, type Handlers, Refusal, startFakeTheseus } from "../../support/fake-theseus.js";
import { CommandsKnown } from "../errors/commands-known.js";
import type { Proof, Report, Size } from "../proof.js";
import { onStage } from "../stage.js";
import { certificates, users } from "./admission.js";
import { commandLine } from "./command-line.js";
import { embeddedDiskFull, etcdDiskFull, quotaReached } from "./filling.js";
import { complaintsAfterwards, complaintsInTrouble, type Patient, type Trouble } from "./judge.js";
import { fromTheStart, oneOfTwo, unreachable } from "./reaching.js";
import { Scene } from "./scene.js";

const FULL_CASES = 18;

async function check(size: Size): Promise<Report> {
  const reports: Report[] = [];
  for (const part of size === "full" ? FULL : SMALL) reports.push(await part());
  const cases = reports.reduce((sum, one) => sum + one.cases, 0);
  const violations = reports.flatMap((one) => one.violations);
  if (size === "full" && cases < FULL_CASES) violations.push(`${cases} troubles were looked at, not ${FULL_CASES}`);
  return { cases, violations };
}

const SMALL = [onScene("small", (scene) => quotaReached(scene, "small", [fromTheStart, oneOfTwo]))];

const FULL = [
  onScene("full", (scene) => quotaReached(scene, "full")),
  onScene("full", unreachable),
  onScene("full", certificates),
  onScene("full", users),
  etcdDiskFull,
  embeddedDiskFull,
];

function onScene(size: Size, part: (scene: Scene) => Promise<void>): () => Promise<Report> {
  return () =>
    onStage(async (stage) => {
      const scene = await Scene.on(stage, size);
      await part(scene);
      return scene;
    });
}

const EXPECTED: Trouble = {
  name: "made up",
  refused: { code: "STORE_UNREACHABLE", exit: 10, says: ["etcd"] },
  status: /^FAIL {2}store .*does not answer/m,
  ready: false,
};

const WELL = GetServerStatusResponse.fromPartial({
  version: "0.1.0",
  serverId: "s1",
  leaderId: "s1",
  storeReachable: true,
  serverIds: ["s1"],
});

/** Servers that lie: one is always fine, one shows its insides, one never recovers. Each has to be found out. */
const LIARS: readonly Handlers[] = [
  { getServerStatus: () => WELL, createGroup: () => ({ group: undefined, plan: undefined, revision: 1n }) },
  {
    getServerStatus: () => ({
      ...WELL,
      storeReachable: false,
      problems: ["14 UNAVAILABLE: INTERNAL\n    at foo (x.js:1)"],
    }),
    createGroup: () => {
      throw new Refusal({ code: 13, reason: "INTERNAL", message: "the server failed inside" });
    },
  },
];

async function control(): Promise<Report> {
  const known = await CommandsKnown.load();
  const change = () => ["create", "trouble/x", "--image", "x:1", "-i", "0", "--detach"];
  const found: string[][] = [];
  for (const liar of LIARS) {
    const fake = await startFakeTheseus(liar);
    try {
      found.push(await complaintsInTrouble(patientOf(fake), EXPECTED, { change, known }));
      found.push(await complaintsAfterwards(patientOf(fake, "nobody caught"), "made up", change));
    } finally {
      fake.close();
    }
  }
  const blind = found.some((complaints) => complaints.length === 0);
  return { cases: found.length, violations: blind ? [] : found.flat() };
}

function patientOf({ address }: FakeTheseus, log = ""): Patient {
  const ask = commandLine("small");
  return {
    theseus: (args) =>
      ask(
        address,
        args.filter((word) => word !== "--wait"),
      ),
    readyz: async () => ({ code: 200, text: "ok\n" }),
    log,
    hasEnded: false,
  };
}

export const storeTrouble: Proof = { name: "store-trouble", check, control };
