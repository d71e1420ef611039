import { describe, expect, it } from "@jest/globals";
import { parseGroupFile } from "../../clients/cli/group-file/parse.js";

const HEAD = "version: 1\ngroups:\n  web/dev:\n    image: x\n";

async function problemsOf(text: string): Promise<readonly string[]> {
  const attachments = { read: () => Promise.resolve("there is no such file") };
  const bytes = new TextEncoder().encode(text);
  return (await parseGroupFile({ name: "f.yaml", bytes, env: {}, attachments })).problems;
}

describe("a map where a word is meant", () => {
  it.each([
    ["ports: {a: {container: 1, host: 2, protocol: {x: 1}}}", "6:50"],
    ["ports: {a: {container: 1, host: {x: 1}}}", "6:37"],
    ["update: {on_failure: {x: 1}}", "6:26"],
  ])("is told at its place: %s", async (line, place) => {
    const problems = await problemsOf(`${HEAD}\n    ${line}\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`f.yaml:${place}: `);
  });
});

describe("a bound", () => {
  it("that is passed behind an alias is told where the alias is used", async () => {
    const signs = Array.from({ length: 9 }, (_, i) => `  - &s${i + 1} [${Array(9).fill(`*s${i}`).join(", ")}]\n`);
    const problems = await problemsOf(`x-bomb:\n  - &s0 [a]\n${signs.join("")}${HEAD}    args: *s9\n`);
    expect(problems).toEqual([expect.stringMatching(/^f\.yaml:16:11: .*larger/)]);
  });

  it("that the parser itself passes is told once", async () => {
    const problems = await problemsOf(`${HEAD}    args: ${"[".repeat(50_000)}${"]".repeat(50_000)}\n`);
    expect(problems).toEqual([expect.stringMatching(/^f\.yaml:5:\d+: it is nested too deep/)]);
  });
});
