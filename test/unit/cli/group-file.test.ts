// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how the group file writes variables.

import { describe, expect, it } from "@jest/globals";
import { parseGroupFile } from "../../../clients/cli/group-file/parse.js";
import { Protocol } from "../../../clients/gen/theseus/v1/group.js";

type Env = Readonly<Record<string, string>>;

function parse(text: string | Uint8Array, env: Env = {}, files: Env = {}) {
  const read = (name: string) => {
    const content = files[name];
    return Promise.resolve(content === undefined ? "there is no such file" : new TextEncoder().encode(content));
  };
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return parseGroupFile({ name: "f.yaml", bytes, env, attachments: { read } });
}

/** A file with one group, its block given in flow style. */
const group = (block: string) => `version: 1\ngroups:\n  web/dev: {image: x, ${block}}\n`;

async function configOf(block: string, env: Env = {}, files: Env = {}) {
  const { groups, problems } = await parse(group(block), env, files);
  expect(problems).toEqual([]);
  const [first] = groups;
  if (first === undefined) throw new Error("no group");
  return first.config;
}

const problemsOf = async (text: string | Uint8Array, env: Env = {}) => (await parse(text, env)).problems;

describe("values of env", () => {
  it("are text as written", async () => {
    const { env } = await configOf("env: {A: 1.10, B: yes, C: 0x1F, D: '07', E: \"\", F: 1e3, G: true}");
    expect(env).toEqual({ A: "1.10", B: "yes", C: "0x1F", D: "07", E: "", F: "1e3", G: "true" });
  });

  it("have variables filled in", async () => {
    const block = 'env: {A: "${X}/b", B: "${NO:-d}", C: $$5, D: "$ alone", E: "${EMPTY}", F: "${EMPTY:-w}"}';
    const { env } = await configOf(block, { X: "1.10", EMPTY: "" });
    expect(env).toEqual({ A: "1.10/b", B: "d", C: "$5", D: "$ alone", E: "", F: "w" });
  });

  it("are never repeated in a problem", async () => {
    const problems = await problemsOf(group("env: {PASSWORD: [hunter2]}"));
    expect(problems).toHaveLength(1);
    expect(problems.join()).not.toContain("hunter2");
  });

  it("may come from files, under those of env", async () => {
    const files = { "a.env": "# c\nA=1\nB=x=y\n\nC= z\n", "b.env": "B=2" };
    const { env } = await configOf("env_file: [a.env, b.env], env: {C: 3}", {}, files);
    expect(env).toEqual({ A: "1", B: "2", C: "3" });
  });

  it("that Theseus sets itself are refused", async () => {
    const problems = await problemsOf(
      group("ports: {http: 80}, env: {NAMESPACE: a, PORT_HTTP: 1, EXPOSED_PORT_HTTP: 1}"),
    );
    expect(problems).toHaveLength(3);
  });
});

describe("variables", () => {
  it("that are not set are told with their place, all at once", async () => {
    expect(await problemsOf('version: 1\ngroups:\n  web/dev:\n    image: "${A}:${B}"\n    workdir: ${C}\n')).toEqual([
      "f.yaml:4:13: groups.web/dev.image: variable A is not set (expected it set, or ${A:-word})",
      "f.yaml:4:18: groups.web/dev.image: variable B is not set (expected it set, or ${B:-word})",
      "f.yaml:5:14: groups.web/dev.workdir: variable C is not set (expected it set, or ${C:-word})",
    ]);
  });

  it("become numbers where numbers are meant, and stay text where text is", async () => {
    const block = 'instances: "${N}", user: "${N}"';
    expect(await problemsOf(group(block), { N: "3" })).toEqual([expect.stringContaining('instances: "3" is text')]);
    const text = "version: 1\ngroups:\n  web/dev:\n    image: x\n    instances: ${N}\n    user: ${N}\n    open: ${O}\n";
    const { groups, problems } = await parse(text, { N: "3", O: "true" });
    expect(problems).toEqual([]);
    const config = groups[0]?.config;
    expect(config).toMatchObject({ instances: 3, user: "3", open: true });
  });

  it("may name the group", async () => {
    const { groups } = await parse("version: 1\ngroups: {'web/${STAGE}': {image: x}}", { STAGE: "prod" });
    expect(groups[0]?.reference).toEqual({ service: "web", labels: ["prod"] });
  });
});

describe("short forms", () => {
  it("of ports keep their order", async () => {
    const { ports } = await configOf("ports: {z: 1, a: {container: 2, protocol: udp}}");
    expect(ports).toEqual(
      [
        { name: "z", container: 1 },
        { name: "a", container: 2, protocol: Protocol.UDP },
      ].map((port) => expect.objectContaining(port)),
    );
  });

  it.each([
    ["health: none", { $case: "none" }],
    [
      "health: {http: /healthz}, ports: {dns: {container: 53, protocol: udp}, web: 80}",
      { $case: "http", value: { port: "web", path: "/healthz" } },
    ],
    ["health: {tcp: web}, ports: {web: 80}", { $case: "tcp", value: { port: "web" } }],
    ["health: {grpc: web}, ports: {web: 80}", { $case: "grpc", value: { port: "web" } }],
    ["health: {exec: [/check, -q]}", { $case: "exec", value: { command: ["/check", "-q"] } }],
  ])("%s is read", async (block, check) => {
    expect((await configOf(block)).health?.check).toMatchObject(check);
  });
});

describe("what was not written", () => {
  it("is not set", async () => {
    const { instances, cpu, memBytes, health, update, stop, init, restart } = await configOf("pull: always");
    expect([instances, cpu, memBytes, health, update, stop, init, restart]).toEqual(Array(8).fill(undefined));
  });
});

describe("references", () => {
  it("that mean the same group are an error", async () => {
    expect(await problemsOf("version: 1\ngroups:\n  web/a,b: {image: x}\n  web/b,a: {image: x}\n")).toEqual([
      "f.yaml:4:3: groups.web/b,a: is the same group as web/a,b (expected each group once)",
    ]);
  });

  it("that are none are explained", async () => {
    const [problem] = await problemsOf("version: 1\ngroups:\n  web/Dev: {image: x}\n");
    expect(problem).toMatch(/^f\.yaml:3:3: groups\.web\/Dev: is not a group .*found: capital D\)$/);
  });
});

describe("keys that depend on each other", () => {
  it.each([
    ["health: {interval: 5s}", "health: says no check"],
    ["health: {http: /, tcp: web}, ports: {web: 80}", "health: says http and tcp"],
    ["health: {tcp: web}", "health.tcp: there is no port web"],
    ["health: {http: /}", "health.http: there is no tcp port to ask"],
    ["volumes: [{at: /a}]", "volumes[0]: says no source"],
    ["volumes: [{name: a, bind: /b, at: /a}]", "volumes[0]: says both name and bind"],
    ["volumes: [{bind: /b, at: /a, per: slot}]", "volumes[0].per: a bind mount is of the host"],
    ["volumes: [{name: a, at: /a}, {name: b, at: /a}]", "volumes[1].at: /a is taken"],
    ["networks: [host, shop]", "networks: host cannot be combined"],
    ["constraints: 'a,,b'", 'constraints: "" is not a label'],
    ["ports: {a: {container: 1, host: 9}, b: {container: 2, host: 9}}", "ports.b.host: port 9/tcp is taken by a"],
  ])("%s is refused", async (block, text) => {
    const problems = await problemsOf(group(block));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`groups.web/dev.${text}`);
  });

  it.each(["secrets: []", "lost: {after: 1m}", "lost: {on_return: keep_old}"])(
    "%s is not yet effective",
    async (block) => {
      const problems = await problemsOf(group(block));
      expect(problems).toEqual([expect.stringContaining("is not yet effective (expected ")]);
    },
  );
});

describe("the policy of updates", () => {
  it("takes steps as numbers, shares, pauses and times", async () => {
    expect(await problemsOf(group("update: {canary: 1, wait: 5s, steps: [1, pause, 25%, 5m, 100%]}"))).toEqual([]);
  });

  it.each(["0", "101%", "soon", "5", "5m30s"])("refuses the step %s where it is none", async (step) => {
    const problems = await problemsOf(group(`update: {steps: ["${step}x"]}`));
    expect(problems).toEqual([expect.stringContaining("pause, or a time like 5m")]);
  });
});

describe("files that are no group files", () => {
  const bomb = () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) =>
        `x-${i}: &a${i} [${Array(9)
          .fill(i === 0 ? "l" : `*a${i - 1}`)
          .join(",")}]`,
    );
    return `version: 1\n${levels.join("\n")}\ngroups: {web/a: {image: x, args: *a8}}\n`;
  };
  it.each([
    ["an empty one", "", "the file is empty"],
    ["one of comments", "# a\n---\n", "the file is empty"],
    ["an alias bomb", bomb(), "aliases make it larger than 100000 values"],
    [
      "one that contains itself",
      "version: 1\ngroups: &g {web/a: {image: x, args: &c [*c]}}\n",
      "nested deeper than 32 levels",
    ],
    ["one that is nested deeply", `version: 1\ngroups: ${"[".repeat(50_000)}`, "nested too deep"],
    ["2 MB", `x-a: ${"a".repeat(2_000_000)}`, "larger than 256 KiB"],
    ["one with a NUL byte", "version: 1\ngroups: \0", "2:9: a NUL byte"],
    ["UTF-16", new Uint8Array(Buffer.from("\ufeffversion: 1\n", "utf16le")), "UTF-16"],
    ["UTF-16 without a mark", new Uint8Array(Buffer.from("version: 1\n", "utf16le")), "UTF-16"],
    ["broken UTF-8", new Uint8Array([0x76, 0xff, 0xfe, 0x20]), "not valid UTF-8"],
    ["a list", "- a\n", "is a list"],
    ["broken YAML", "version: 1\ngroups: {a: [}\n", "not YAML"],
    ["an unknown tag", "version: 1\ngroups: {web/a: {image: !secret x}}\n", "not YAML"],
    ["an alias of nothing", "version: 1\ngroups: {web/a: {image: *no}}\n", "*no stands for nothing"],
  ])("%s: the place and the reason", async (_name, text, reason) => {
    const problems = await problemsOf(text);
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(problem).toMatch(/^f\.yaml:\d+:\d+: /);
    expect(problems.join("\n")).toContain(reason);
  });
});

describe("several documents", () => {
  it("are read one after the other, each with its namespace", async () => {
    const { groups } = await parse(
      "version: 1\nnamespace: a\ngroups: {web/x: {image: x}}\n---\nversion: 1\ngroups: {web/x: {image: y}}\n---\n",
    );
    expect(groups.map(({ namespace, config }) => [namespace, config.image])).toEqual([
      ["a", "x"],
      [undefined, "y"],
    ]);
  });

  it("tell the place in the file, not in the document", async () => {
    expect(await problemsOf("version: 1\ngroups: {}\n---\nversion: 3\ngroups: {}\n")).toEqual([
      "f.yaml:4:10: version: 3 is not understood (expected 1)",
    ]);
  });
});

describe("the place of a key", () => {
  it("is found again for what the server refuses", async () => {
    const { groups } = await parse(
      "version: 1\nx-b: &b\n  mem: 64MiB\ngroups:\n  web/dev:\n    <<: *b\n    image: x\n    env:\n      A: b\n",
    );
    const locate = groups[0]?.locate;
    expect(locate?.(["env", "A"])).toBe("f.yaml:9:10");
    expect(locate?.(["mem"])).toBe("f.yaml:3:8");
    expect(locate?.(["cpu"])).toBe("f.yaml:5:3");
    expect(locate?.([])).toBe("f.yaml:6:5");
  });
});
