import { describe, expect, it } from "@jest/globals";
import { lineOf } from "../../src/log/line.js";
import { presentable } from "../../src/log/presentable.js";
import { createLogger } from "../../src/log.js";
import { TheseusError } from "../../src/model/errors.js";

describe("a log record", () => {
  it("hides passwords, tokens and registry logins at any depth", () => {
    const fields = { a: { b: [{ password: "x", Authorization: "y", "X-Registry-Auth": "z", identitytoken: "t" }] } };
    expect(JSON.stringify(presentable(fields))).not.toMatch(/"[xyzt]"/);
  });

  it("keeps the names of an environment and hides its values, as an object or as lines", () => {
    expect(presentable({ env: { KEY: "v" }, config: { Env: ["A=v=w"] } })).toEqual({
      env: { KEY: "[hidden]" },
      config: { Env: ["A=[hidden]"] },
    });
  });

  it("hides a login in an address, also in the text of an error", () => {
    const error = new TheseusError("STORE_UNREACHABLE", { what: "no", why: ["http://root:v@h:1 is away"] });
    expect(JSON.stringify(presentable({ error, url: "https://me@h/x" }))).not.toMatch(/root|me@/);
  });

  it("writes 64-bit numbers as text and stops at cycles", () => {
    const cycle: Record<string, unknown> = { revision: 9007199254740993n };
    cycle["self"] = cycle;
    expect(JSON.stringify(presentable(cycle))).toContain('"9007199254740993"');
  });

  it("has no stack for errors of the house, and one for bugs", () => {
    expect(presentable({ error: new TheseusError("CONFLICT", { what: "w" }) })).toEqual({
      error: { name: "TheseusError", message: "w", reason: "CONFLICT" },
    });
    expect(presentable({ error: new Error("bug") })["error"]).toHaveProperty("stack");
  });
});

describe("the logger", () => {
  it("writes one line of JSON a record, with the fields of its parents", () => {
    const lines: string[] = [];
    const log = createLogger({ level: "info", form: "json", write: (text) => lines.push(text) });
    log.debug({}, "not this");
    log.child({ group: "web/dev" }).warn({ revision: 7n }, "hello");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: 40, group: "web/dev", revision: "7", msg: "hello" });
  });

  it("writes an error of the house without the stacks behind it, whatever the field is called", () => {
    const lines: string[] = [];
    const log = createLogger({ level: "info", form: "json", write: (text) => lines.push(text) });
    const error = new TheseusError("STORE_UNREACHABLE", { what: "no store", cause: new Error("refused") });
    log.warn({ err: error }, "hello");
    const { err } = JSON.parse(lines[0] ?? "");
    expect(err).toEqual({ name: "TheseusError", message: "no store", reason: "STORE_UNREACHABLE", cause: "refused" });
  });

  it("writes short lines for people", () => {
    const json = JSON.stringify({
      level: 50,
      time: 0,
      group: "web/dev",
      error: { message: "no", why: ["gone"] },
      msg: "bad",
    });
    expect(lineOf(json)).toBe('00:00:00.000 error bad group=web/dev error="no: gone"\n');
    expect(lineOf("no record")).toBe("no record");
  });
});
