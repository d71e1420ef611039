// What discover writes for HAProxy and nginx, as the real ones see it.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { haproxyText, nginxText } from "../../clients/cli/discover/snippets.js";
import { Container } from "../../clients/gen/theseus/v1/container.js";
import type { Endpoint } from "../../clients/gen/theseus/v1/discovery_service.js";
import { type Ended, run } from "../support/child.js";
import { endpointOf } from "../support/fake-groups.js";
import { startFakeTheseus } from "../support/fake-theseus.js";
import { FollowingCli } from "../support/following-cli.js";
import { runCli } from "../support/run-cli.js";
import { ScriptedWatch } from "../support/scripted-watch.js";
import { makeFolder } from "../support/temporary-folder.js";
import { until } from "../support/until.js";

const NOWHERE = "no.such.host.invalid";
let folder: string;
let remove: () => Promise<void>;
const env = { PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };

beforeAll(async () => {
  ({ path: folder, remove } = await makeFolder("balancers"));
  // What they are included by. Neither listens when it only checks.
  await writeFile(join(folder, "main.cfg"), mainOfHaproxy());
  await writeFile(join(folder, "main.conf"), mainOfNginx("up.conf"));
});
afterAll(() => remove());

const mainOfHaproxy = () =>
  [
    "defaults",
    "  mode http",
    "  timeout connect 1s",
    "  timeout client 1s",
    "  timeout server 1s",
    "frontend in",
    `  bind unix@${folder}/socket`,
    "  default_backend web_prod",
    "",
  ].join("\n");
const mainOfNginx = (included: string) =>
  [
    `pid ${folder}/pid;`,
    "error_log stderr;",
    "events { }",
    `http { access_log off; include ${folder}/${included}; }`,
    "",
  ].join("\n");

const at = (slot: number, more: Partial<Endpoint> = {}): Endpoint => ({
  ...endpointOf("web/frontend,prod,zone=a", slot),
  weight: 100,
  ...more,
});
function anotherAt(slot: number): Endpoint {
  const endpoint = at(slot);
  return { ...endpoint, container: Container.fromPartial({ ...endpoint.container, name: "another" }) };
}
const KINDS: [string, Endpoint[]][] = [
  ["nothing", []],
  ["one", [at(1)]],
  ["two of one place, as in an update", [at(1), anotherAt(1), at(2)]],
  [
    "all kinds",
    [at(1, { address: "fd00::1" }), at(2, { ready: false }), at(3, { weight: 1000 }), at(4, { weight: 0 })],
  ],
];

async function haproxy(text: string): Promise<Ended> {
  await writeFile(join(folder, "web.cfg"), text);
  return run("haproxy", ["-c", "-f", join(folder, "main.cfg"), "-f", join(folder, "web.cfg")], { env });
}

async function nginx(text: string): Promise<Ended> {
  await writeFile(join(folder, "up.conf"), text);
  return run("nginx", ["-t", "-e", "stderr", "-p", folder, "-c", join(folder, "main.conf")], { env });
}

describe("the real ones", () => {
  it.each(KINDS)("take %s", async (_kind, endpoints) => {
    const [one, other] = [await haproxy(haproxyText(endpoints, "web_prod")), await nginx(nginxText(endpoints, "web"))];
    expect(one).toMatchObject({ code: 0 });
    expect(`${one.stderr}${one.stdout}`).not.toContain("[WARNING]");
    expect(other).toMatchObject({ code: 0, stderr: expect.stringContaining("test is successful") });
  });

  it("take a host's name that HAProxy cannot resolve, and one that nginx can", async () => {
    const unknown = at(1, { address: NOWHERE });
    expect(await haproxy(haproxyText([unknown, at(2)], "web_prod"))).toMatchObject({ code: 0 });
    expect(await nginx(nginxText([at(1, { address: "localhost" }), at(2)], "web"))).toMatchObject({ code: 0 });
    // Which is why it must not come that far.
    expect((await nginx(nginxText([unknown, at(2)], "web"))).stderr).toContain("host not found in upstream");
  });

  it("refuse what is broken, so that the check is one", async () => {
    expect((await haproxy("backend web_prod\n  server a\n")).code).not.toBe(0);
    expect((await nginx("upstream web { }\n")).code).not.toBe(0);
  });
});

describe("a name that does not resolve", () => {
  it("is left out for nginx alone, said on stderr, and keeps nothing else from being taken", async () => {
    const watch = new ScriptedWatch();
    const endpoints = [at(1, { address: NOWHERE }), at(2), at(3, { address: "localhost" })];
    const answer = { revision: 7n, matchingGroups: 1, matchingContainers: 3, nearMisses: [], notReady: [], miss: 0 };
    const lookup = () => ({ ...answer, endpoints, asOfTime: undefined });
    const server = await startFakeTheseus({ ...watch.handlers, lookup });
    try {
      const asked = (form: string) =>
        runCli(["discover", "web", "-o", form], { env: { THESEUS_SERVER: server.address } });
      const [forNginx, forHaproxy] = [await asked("nginx"), await asked("haproxy")];
      expect(forNginx.stdout.match(/server \S+/g)).toEqual(["server 172.17.0.1:20002", "server localhost:20003"]);
      expect(forNginx.stderr).toBe(`left out, their names do not resolve here: ${NOWHERE}\n`);
      expect(await nginx(forNginx.stdout)).toMatchObject({ code: 0 });
      expect(forHaproxy).toMatchObject({ stdout: expect.stringContaining(NOWHERE), stderr: "" });
    } finally {
      server.close();
    }
  });

  it("alone is not worth a file", async () => {
    const watch = new ScriptedWatch();
    const server = await startFakeTheseus(watch.handlers);
    const argv = ["discover", "web", "-o", "nginx", "--watch", "--out", "names.conf"];
    const cli = new FollowingCli(argv, { server: server.address, cwd: folder });
    try {
      watch.tell([at(1, { address: NOWHERE })]);
      await cli.said("stderr", "left as it is");
      watch.tell([at(1, { address: NOWHERE }), at(2)]);
      await cli.said("stderr", "written, 1 ready");
    } finally {
      await cli.stop();
      server.close();
    }
  });
});

describe("discover --watch --out", () => {
  const CASES: [string, string, string][] = [
    ["haproxy", "kept.cfg", "haproxy -c -f main.cfg -f {}"],
    ["nginx", "kept.conf", "cp {} up.conf && nginx -t -e stderr -p . -c $PWD/main.conf"],
  ];
  it.each(CASES)("keeps a file that %s has accepted, and an empty answer leaves it", async (format, name, check) => {
    const watch = new ScriptedWatch();
    const server = await startFakeTheseus(watch.handlers);
    const block = format === "haproxy" ? ["--backend", "web_prod"] : ["--upstream", "web_prod"];
    const argv = ["discover", "web", "-l", "prod", "-p", "http", "-o", format, ...block, "--watch"];
    const cli = new FollowingCli([...argv, "--out", name, "--check", `PATH=${env.PATH}; ${check}`], {
      server: server.address,
      cwd: folder,
    });
    try {
      watch.tell([at(1), at(2)]);
      await cli.said("stderr", "written, 2 ready");
      watch.tell([], { containers: 2 });
      await cli.said("stderr", "left as it is: nothing is ready");
      const { stdout } = await run("cat", [join(folder, name)]);
      expect(stdout).toMatch(/^# theseus discover web -l prod -p http {3}revision 1\n(backend|upstream) web_prod/);
      expect(stdout.match(/^ {2}server /gm)).toHaveLength(2);
      const acknowledged = () => server.calls.some((call) => call.name === "acknowledge");
      await until("an acknowledgement", acknowledged);
    } finally {
      await cli.stop();
      server.close();
    }
  });
});
