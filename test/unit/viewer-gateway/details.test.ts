import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "@jest/globals";
import { type Reason, TheseusClientError } from "../../../clients/errors.js";
import { GroupConfig } from "../../../clients/gen/theseus/v1/group.js";
import { failed } from "../../../clients/viewer/gateway/answer.js";
import { changesOf, fieldsOf, Secrets } from "../../../clients/viewer/gateway/details.js";

const secrets = new Secrets(Buffer.alloc(32, 1));

describe("a config on the page", () => {
  const config = (password: string) =>
    GroupConfig.fromPartial({
      image: "web:1",
      env: { DB_PASSWORD: password, LEVEL: "info", URL: "http://ana:hunter2@db/" },
      files: [{ at: "/etc/key", content: Buffer.from("hunter2") }],
    });

  it("is one line a field, sorted, and without what is secret", () => {
    const fields = fieldsOf(config("hunter2"), secrets);
    expect(fields.map(([path]) => path)).toEqual([
      "env.DB_PASSWORD",
      "env.LEVEL",
      "env.URL",
      "files./etc/key",
      "image",
    ]);
    expect(JSON.stringify(fields)).not.toContain("hunter2");
    expect(Object.fromEntries(fields)["env.DB_PASSWORD"]).toMatch(/^\(hidden [0-9a-f]{6}\)$/);
    expect(fieldsOf(undefined, secrets)).toEqual([]);
  });

  it("has marks that tell two secrets apart, other ones in each process", () => {
    const mark = (password: string, of: Secrets) =>
      Object.fromEntries(fieldsOf(config(password), of))["env.DB_PASSWORD"];
    expect(mark("a", secrets)).toBe(mark("a", secrets));
    expect(mark("a", secrets)).not.toBe(mark("b", secrets));
    expect(mark("a", secrets)).not.toBe(mark("a", new Secrets(Buffer.alloc(32, 2))));
  });

  it("is compared without telling what the secret was", () => {
    expect(changesOf(config("one"), config("two"))).toEqual([
      { path: "env.DB_PASSWORD", from: "(hidden)", to: "(hidden), changed" },
    ]);
  });
});

describe("what a call failed with", () => {
  it.each<[number, Reason, number]>([
    [status.INVALID_ARGUMENT, "INVALID_REQUEST", 400],
    [status.NOT_FOUND, "NO_SUCH_GROUP", 404],
    [status.FAILED_PRECONDITION, "NO_ROLLOUT", 409],
    [status.ABORTED, "CONFLICT", 409],
    [status.UNAVAILABLE, "STORE_UNREACHABLE", 503],
    [status.RESOURCE_EXHAUSTED, "LIMIT_REACHED", 503],
    [status.DEADLINE_EXCEEDED, "STILL_RUNNING", 504],
    [status.UNIMPLEMENTED, "NO_SUCH_CALL", 501],
    [status.INTERNAL, "INTERNAL", 502],
  ])("has the status of its kind, and the server's own words", (code, reason, expected) => {
    const parts = { code, reason, message: "what", why: ["because"], now: "nothing changed", next: ["theseus help"] };
    const { status: sent, body } = failed(new TheseusClientError(parts));
    expect(sent).toBe(expected);
    const { why, now, next } = parts;
    expect(JSON.parse(String(body))).toEqual({ error: { code: reason, message: "what", why, now, next } });
  });

  it("tells of a bug that it is one, and where it is not", () => {
    const { status: sent, body } = failed(new Error("a\nstack"));
    expect([sent, JSON.parse(String(body)).error.code]).toEqual([500, "INTERNAL"]);
    expect(String(body)).not.toMatch(/\.[jt]s:\d/);
  });
});
