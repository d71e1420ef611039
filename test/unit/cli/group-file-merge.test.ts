// Anchors that merge anchors: what examples/shop.yaml relies on.

import { describe, expect, it } from "@jest/globals";
import { parseGroupFile } from "../../../clients/cli/group-file/parse.js";

const nothing = { read: () => Promise.reject(new Error("no file is named")) };

async function instancesOf(text: string): Promise<number | undefined> {
  const bytes = new TextEncoder().encode(text);
  const attachments = nothing as unknown as Parameters<typeof parseGroupFile>[0]["attachments"];
  const { groups, problems } = await parseGroupFile({ name: "shop.yaml", bytes, env: {}, attachments });
  expect(problems).toEqual([]);
  return groups[0]?.config.instances;
}

describe("merge keys of the group file", () => {
  it("takes a key from a map that the merged map merges itself", async () => {
    const text = `version: 1
x-base: &base {instances: 2}
x-web: &web
  <<: *base
  image: web:1
groups:
  web/dev:
    <<: *web
`;
    expect(await instancesOf(text)).toBe(2);
  });

  it("lets the nearer map win over the farther one", async () => {
    const text = `version: 1
x-base: &base {instances: 2, image: base:1}
x-web: &web {<<: *base, instances: 3}
groups:
  web/dev: {<<: *web}
`;
    expect(await instancesOf(text)).toBe(3);
  });
});
