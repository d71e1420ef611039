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
import { ScriptedWatch } from "../support/scripted-watch.js";
import { makeFolder } from "../support/temporary-folder.js";
import { until } from "../support/until.js";

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

  it("take a host's name that HAProxy cannot resolve", async () => {
    expect(await haproxy(haproxyText([at(1, { address: "no.such.host.invalid" })], "web_prod"))).toMatchObject({
      code: 0,
    });
  });

  it("refuse what is broken, so that the check is one", async () => {
    expect((await haproxy("backend web_prod\n  server a\n")).code).not.toBe(0);
    expect((await nginx("upstream web { }\n")).code).not.toBe(0);
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
