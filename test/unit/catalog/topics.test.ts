// How many questions are kept that nobody follows, and how large they may be together.

import { expect, it } from "@jest/globals";
import type { Source } from "../../../src/catalog/topic.js";
import { Topics } from "../../../src/catalog/topics.js";
import type { GroupEntry } from "../../../src/model/catalog.js";
import type { AnswerCodec, Question } from "../../../src/model/discovery.js";
import { groupRef } from "../../../src/model/reference.js";

const MIB = 1024 * 1024;
const WEB = groupRef("web", []);

/** Topics over one group, whose only endpoint has so many bytes. */
function topicsOf(bytes: number): Topics {
  const info = { instanceName: "a", instanceHost: "10.1.1.1", instancePort: 1, portMappings: {} };
  const container = { ref: { ...WEB, name: "a" }, info, modRevision: 1n };
  const group: GroupEntry = { ref: WEB, containers: [container], problems: [], modRevision: 1n };
  const source: Pick<Source, "cursor" | "select"> = {
    cursor: () => ({ epoch: "e", revision: 1n }),
    select: () => [group],
  };
  const piece = { ref: container.ref, ready: true, host: "", bytes: Buffer.alloc(bytes) };
  const codec: Pick<AnswerCodec, "piece"> = { piece: () => piece };
  return new Topics(source as Source, codec as AnswerCodec);
}

const question = (i: number): Question => ({
  target: { kind: "query", query: { selector: [] }, text: `!x${i}` },
  port: "",
  includeNotReady: false,
});

it("a thousand small ones are kept at the most, the newest among them", () => {
  const topics = topicsOf(10);
  const first = topics.of(question(0));
  for (let i = 1; i < 5000; i++) topics.of(question(i));
  expect(topics.size).toBeGreaterThan(499);
  expect(topics.size).toBeLessThan(1002);
  const last = topics.of(question(4999));
  expect(topics.of(question(4999))).toBe(last);
  expect(topics.of(question(0))).not.toBe(first);
});

it("large ones are kept only as far as all together are small, unless somebody follows them", () => {
  const topics = topicsOf(MIB);
  const followed = topics.of(question(0));
  followed.readers.add({ read: () => undefined });
  for (let i = 1; i < 300; i++) topics.of(question(i));
  expect(topics.size).toBeGreaterThan(10);
  expect(topics.size).toBeLessThan(50);
  expect(topics.of(question(0))).toBe(followed);
});
