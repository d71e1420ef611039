import { describe, expect, it } from "@jest/globals";
import { EngineRefusal, readFailure } from "../../../src/docker/failure.js";
import { pullRefused } from "../../../src/docker/pull-refusals.js";
import { translated } from "../../../src/docker/refusals.js";

const subject = { host: "local", container: "web.dev.1.1-abc", image: "shop:1" };
const hex = "0123456789abcdef".repeat(4);
const refused = (status: number, text: string) =>
  translated(new EngineRefusal(status, text), subject, "it cannot be started");

describe("a refusal of the engine", () => {
  it.each([
    [
      `driver failed programming external connectivity on endpoint web (${hex}): Bind for 172.17.0.1:20001 failed: port is already allocated`,
      "container",
    ],
    [
      `driver failed programming external connectivity on endpoint web (${hex}): Error starting userland proxy: listen tcp4 172.17.0.1:20001: bind: address already in use`,
      "process",
    ],
    [
      "failed to set up container networking: failed to bind host port for 172.17.0.1:20001:172.17.0.2:80/tcp: address already in use",
      "process",
    ],
    ["failed to bind host port 172.17.0.1:20001/tcp: address already in use", "process"],
  ])("about a port names the port and the kind of its holder: %s", (text, holder) => {
    expect(refused(500, text)).toMatchObject({ reason: "PORT_TAKEN", facts: { metadata: { port: "20001", holder } } });
  });

  it.each([
    [
      'OCI runtime create failed: runc create failed: unable to start container process: exec: "/no/bin": stat /no/bin: no such file or directory: unknown',
      "/no/bin",
    ],
    ['OCI runtime create failed: exec: "nosuch": executable file not found in $PATH: unknown', "nosuch"],
  ])("about a command names it: %s", (text, command) => {
    expect(refused(400, text)).toMatchObject({ reason: "COMMAND_NOT_FOUND", facts: { metadata: { command } } });
  });

  it("about another missing file is no missing command", () => {
    expect(
      refused(400, "invalid mount config: bind source path does not exist: no such file or directory").reason,
    ).toBe("CONTAINER_REFUSED");
  });

  it.each([
    [404, "No such image: x:1", "IMAGE_NOT_FOUND"],
    [404, "No such container: 0123456789ab", "NO_SUCH_CONTAINER"],
    [404, "network shop-net not found", "NETWORK_NOT_FOUND"],
    [400, "Minimum memory limit allowed is 6MB", "CONTAINER_REFUSED"],
    [500, "", "CONTAINER_REFUSED"],
  ])("%d %s is %s", (status, text, reason) => {
    expect(refused(status, text).reason).toBe(reason);
  });

  it("has a first line that a person can read: at most 100 characters, no 64 hex digits", () => {
    const error = refused(500, `something on endpoint web (${hex}): ${"long ".repeat(200)}`);
    expect(error.facts.what.length).toBeLessThanOrEqual(100);
    expect(error.facts.why?.join("")).not.toContain(hex);
    expect(error.facts.why?.join("").length).toBeLessThan(500);
  });
});

describe("what the library throws", () => {
  it("is a refusal with the engine's own words when the engine answered, wherever they are", () => {
    const unary = {
      statusCode: 404,
      reason: "no such container",
      json: { message: "No such image: x" },
      message: "(HTTP code 404) a - b",
    };
    expect(readFailure(unary, "local", "unix:///s")).toMatchObject({ status: 404, text: "No such image: x" });
    const stream = {
      statusCode: 500,
      json: null,
      message: '(HTTP code 500) unexpected - Get "http://r/v2/": dial tcp ',
    };
    expect(readFailure(stream, "local", "unix:///s")).toMatchObject({
      status: 500,
      text: 'Get "http://r/v2/": dial tcp',
    });
  });

  it.each(["ENOENT", "ECONNREFUSED", "EACCES", "ECONNRESET"])(
    "is HOST_UNREACHABLE with words of its own for %s",
    (code) => {
      const error = readFailure(Object.assign(new Error(code), { code }), "local", "unix:///s");
      expect(error).toMatchObject({ reason: "HOST_UNREACHABLE", retryable: true });
      expect(error).toMatchObject({ facts: { why: [expect.stringContaining("unix:///s")] } });
    },
  );
});

describe("a refused pull", () => {
  it.each([
    ["manifest for r.io/web:9 not found: manifest unknown: manifest unknown", "IMAGE_NOT_FOUND"],
    [
      "pull access denied for web, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
      "IMAGE_DENIED",
    ],
    ['Head "https://r.io/v2/web/manifests/1": unauthorized: authentication required', "IMAGE_DENIED"],
    ['Get "https://r.io/v2/": dial tcp: lookup r.io on 10.0.0.1:53: no such host', "REGISTRY_UNREACHABLE"],
    ['Get "http://r.io/v2/": dial tcp 127.0.0.1:1: connect: connection refused', "REGISTRY_UNREACHABLE"],
    [
      'Get "https://r.io/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
      "REGISTRY_UNREACHABLE",
    ],
    ["toomanyrequests: You have reached your pull rate limit", "REGISTRY_UNREACHABLE"],
    ["no matching manifest for linux/amd64 in the manifest list entries", "IMAGE_PLATFORM"],
    ["write /var/lib/docker/tmp/x: no space left on device", "CONTAINER_REFUSED"],
  ])("%s is %s", (text, reason) => {
    const error = pullRefused(text, { host: "local", image: `r.io/${"x".repeat(300)}:1`, registry: "r.io" }, undefined);
    expect(error.reason).toBe(reason);
    expect(error.facts.what.length).toBeLessThanOrEqual(100);
  });
});
