import { describe, expect, it } from "@jest/globals";
import type { Engine, EngineRequest } from "../../../src/docker/engine.js";
import { EngineRefusal } from "../../../src/docker/failure.js";
import { Trials } from "../../../src/docker/try-out.js";
import type { Clock, ContainerSpec } from "../../../src/model/ports.js";
import { NOW } from "../../support/builders.js";

type Answer = (request: EngineRequest) => unknown;

const clock = { now: () => NOW } as unknown as Clock;
const spec = {
  name: "web.dev.1.0-aaaaaa",
  image: "web:1@sha256:0",
  owner: { groupUid: "u1", group: { namespace: "default", service: "web", labels: ["dev"] } },
  config: { image: "web:1", init: true, ports: [{ name: "http", container: 80, host: 8443 }] },
  ...{ address: "172.17.0.1", hostPorts: { http: 8443 }, env: {} },
} as unknown as ContainerSpec;

/** An engine on which every created container has its command; the answer may say otherwise. */
function engineThat(answer: Answer = () => undefined) {
  const asked: EngineRequest[] = [];
  const call = async (request: EngineRequest): Promise<unknown> => {
    asked.push(request);
    const said = answer(request);
    if (said instanceof Error) throw said;
    if (said !== undefined) return said;
    if (request.path === "/containers/create") return { Id: `id${asked.length}` };
    return { Id: "id", Name: "/x", Path: "/serve", Config: { Image: "web:1" } };
  };
  const trials = new Trials({ host: "local", call } as unknown as Engine, clock, () => "c1");
  return { asked, trials, did: () => asked.map(({ method, path }) => `${method} ${path}`) };
}

describe("a trial", () => {
  it("starts nothing where no port is new, and leaves nothing", async () => {
    const { trials, did } = engineThat();
    await trials.tryOut(spec, []);
    expect(did().filter((one) => one.endsWith("/start"))).toEqual([]);
    expect(did().at(-1)).toBe("DELETE /containers/id1");
  });

  it.each([
    ["/app", "/app/run.sh", undefined],
    ["/app/bin/", "run", ["PATH=/bin:/app/bin"]],
  ])("takes a command that may be in the volume at %s for one that is there", async (at, Path, Env) => {
    const container = { Id: "id", Name: "/x", Path, Config: { Image: "web:1", Env } };
    const { trials } = engineThat(({ method, path }) => {
      if (method === "HEAD") return new EngineRefusal(404, "no such file");
      return path.endsWith("/json") && path !== "/containers/json" ? container : undefined;
    });
    const { config } = spec;
    await trials.tryOut({ ...spec, config: { ...config, volumes: [{ name: "app", at }] } }, []);
    const elsewhere = { ...spec, config: { ...config, volumes: [{ name: "app", at: "/ap" }] } };
    await expect(trials.tryOut(elsewhere, [])).rejects.toMatchObject({ reason: "COMMAND_NOT_FOUND" });
  });

  it("starts a container that publishes the new ports and cannot run; that it does not is no answer about them", async () => {
    const noSuchFile = new EngineRefusal(400, "OCI runtime create failed: no such file or directory");
    const { trials, asked, did } = engineThat(({ path }) => (path.endsWith("/start") ? noSuchFile : undefined));
    await trials.tryOut(spec, ["http"]);
    const [, second] = asked.filter(({ path }) => path === "/containers/create");
    expect(second?.body).toMatchObject({
      Entrypoint: ["/.theseus-no-such-command"],
      Labels: { "theseus.trial": "c1/u1" },
      HostConfig: { Init: false, PortBindings: { "80/tcp": [{ HostIp: "172.17.0.1", HostPort: "8443" }] } },
    });
    expect(did().slice(-2)).toEqual([expect.stringMatching(/^POST .*\/start$/), expect.stringMatching(/^DELETE /)]);
  });

  it("tells of a port that a program outside Docker holds, and removes its container", async () => {
    const held = "driver failed programming external connectivity on endpoint x: listen tcp4 172.17.0.1:8443: bind: ";
    const refusal = new EngineRefusal(500, `${held}address already in use`);
    const { trials, did } = engineThat(({ path }) => (path.endsWith("/start") ? refusal : undefined));
    await expect(trials.tryOut(spec, ["http"])).rejects.toMatchObject({
      reason: "PORT_TAKEN",
      facts: { what: "port 8443 on local is taken", metadata: { port: "8443", holder: "process" } },
    });
    expect(did().at(-1)).toMatch(/^DELETE /);
  });

  const publishing = (name: string, IP: string, Type = "tcp", PublicPort = 8443) => ({
    Names: [`/${name}`],
    Ports: [{ PrivatePort: 1 }, { IP, PrivatePort: 80, PublicPort, Type }],
  });

  it.each([
    ["on that address", [publishing("haproxy", "172.17.0.1")], "haproxy"],
    ["on every address", [publishing("haproxy", "0.0.0.0")], "haproxy"],
    ["beside others", [publishing("elsewhere", "127.0.0.1"), publishing("haproxy", "172.17.0.1")], "haproxy"],
    ["on another address", [publishing("elsewhere", "127.0.0.1")], undefined],
    ["of another protocol", [publishing("dns", "172.17.0.1", "udp")], undefined],
    ["only inside", [publishing("inside", "172.17.0.1", "tcp", 9000)], undefined],
  ])("names the container that holds the port %s", async (_, rows, holder) => {
    const held = "driver failed programming external connectivity on endpoint x: Bind for 172.17.0.1:8443 failed: ";
    const refusal = new EngineRefusal(500, `${held}port is already allocated`);
    const { trials } = engineThat(({ path }) => {
      if (path.endsWith("/start")) return refusal;
      if (path === "/containers/json") return rows;
      if (!path.endsWith("/json")) return undefined;
      const HostConfig = { PortBindings: { "80/tcp": [{ HostIp: "172.17.0.1", HostPort: "8443" }] } };
      return { Id: "id", Name: "/x", Path: "/serve", Config: { Image: "web:1" }, HostConfig };
    });
    await expect(trials.tryOut(spec, ["http"])).rejects.toMatchObject({
      reason: "PORT_TAKEN",
      facts: {
        why: [
          holder === undefined ? "another container on local publishes it" : `held by container ${holder} on local`,
        ],
      },
    });
  });
});

describe("what trials have left", () => {
  const listed = (Id: string, trial: string) => ({ Id, Labels: { "theseus.trial": trial } });
  const left = [listed("own", "c1/u1"), listed("another", "c1/u2"), listed("foreign", "c12/u1")];

  it("is removed, of any group of the cluster and of no other cluster", async () => {
    const { trials, did } = engineThat(({ method }) => (method === "GET" ? left : undefined));
    await trials.removeLeft();
    expect(did()).toEqual(["GET /containers/json", "DELETE /containers/own", "DELETE /containers/another"]);
  });

  it("is removed also where one of them cannot be, and that is told in the end", async () => {
    const { trials, did } = engineThat(({ method, path }) => {
      if (method === "GET") return left;
      return path === "/containers/own" ? new EngineRefusal(500, "device or resource busy") : undefined;
    });
    await expect(trials.removeLeft()).rejects.toThrow("busy");
    expect(did()).toEqual(["GET /containers/json", "DELETE /containers/own", "DELETE /containers/another"]);
  });

  it("waits while one is under way", async () => {
    const { trials, did } = engineThat(({ path }) => (path === "/containers/json" ? left : undefined));
    await Promise.all([trials.removeLeft(), trials.tryOut(spec, [])]);
    expect(did().filter((one) => one.startsWith("DELETE"))).toEqual(["DELETE /containers/id2"]);
  });
});
