import { describe, expect, it } from "@jest/globals";
import { createOptions } from "../../../src/docker/create-options.js";
import type { GroupConfig } from "../../../src/model/group.js";
import type { ContainerSpec } from "../../../src/model/ports.js";

function spec(config: Partial<GroupConfig> = {}, changes: Partial<ContainerSpec> = {}): ContainerSpec {
  const group = { namespace: "default", service: "web", labels: ["dev", "frontend"] };
  return {
    name: "web.dev.frontend.1.3-k3f9x2",
    hostname: "web.dev.frontend.1.3-k3f9x2",
    image: "sha256:abc",
    owner: { cluster: "c1", group, groupUid: "u1", slot: 1, generation: 3, configRevision: 42, fingerprint: "1-f" },
    config: { image: "shop:1", ...config },
    address: "172.17.0.1",
    hostPorts: {},
    env: {},
    ...changes,
  };
}

const body = (config: Partial<GroupConfig> = {}, changes: Partial<ContainerSpec> = {}) =>
  createOptions(spec(config, changes), "").body;

describe("the options of a container", () => {
  it("carry the config as a label, which nobody's label takes the place of", () => {
    const labels = body({ dockerLabels: { team: "shop" } }, { configText: '{"image":"shop:1"}' }).Labels;
    expect(labels).toMatchObject({ team: "shop", "theseus.config": '{"image":"shop:1"}' });
  });

  it("of the smallest config are the defaults of docker run, with init, no new privileges, bounded logs and pids", () => {
    expect(createOptions(spec(), "")).toEqual({
      name: "web.dev.frontend.1.3-k3f9x2",
      body: {
        Image: "sha256:abc",
        Hostname: "web.dev.frontend.1.3-k3f9x2",
        Env: [],
        Labels: {
          "theseus.cluster": "c1",
          "theseus.namespace": "default",
          "theseus.service": "web",
          "theseus.labels": "dev,frontend",
          "theseus.group-uid": "u1",
          "theseus.slot": "1",
          "theseus.generation": "3",
          "theseus.config-revision": "42",
          "theseus.fingerprint": "1-f",
        },
        ExposedPorts: {},
        HostConfig: {
          RestartPolicy: { Name: "no" },
          Init: true,
          SecurityOpt: ["no-new-privileges"],
          PidsLimit: 4096,
          LogConfig: { Type: "local", Config: { "max-size": "10m", "max-file": "3" } },
          NetworkMode: "default",
          PortBindings: {},
          Mounts: [],
        },
      },
      volumes: [],
      moreNetworks: [],
      files: [],
    });
  });

  it("publish every named port on the given address only, two names of one container port included", () => {
    const ports = [
      { name: "http", container: 8080 },
      { name: "alias", container: 8080 },
      { name: "dns", container: 53, protocol: "udp" as const },
    ];
    const made = body({ ports }, { hostPorts: { http: 20_001, alias: 20_002, dns: 20_003 } });
    expect(made.ExposedPorts).toEqual({ "8080/tcp": {}, "53/udp": {} });
    expect(made.HostConfig?.PortBindings).toEqual({
      "8080/tcp": [
        { HostIp: "172.17.0.1", HostPort: "20001" },
        { HostIp: "172.17.0.1", HostPort: "20002" },
      ],
      "53/udp": [{ HostIp: "172.17.0.1", HostPort: "20003" }],
    });
  });

  it("bind no ports on the host's own network", () => {
    const made = body({ networks: ["host"], ports: [{ name: "http", container: 8080 }] });
    expect(made.HostConfig).toMatchObject({ NetworkMode: "host", PortBindings: {} });
  });

  it("are not made without a host port for a named port", () => {
    expect(() => body({ ports: [{ name: "http", container: 8080 }] })).toThrow(/no host port was chosen for port http/);
  });

  it("put what is injected over what the config sets", () => {
    const made = body({ env: { A: "config", B: "config" } }, { env: { B: "injected", C: "injected" } });
    expect(made.Env).toEqual(["A=config", "B=injected", "C=injected"]);
  });

  it("let no docker label of the config stand in for ours", () => {
    const made = body({ dockerLabels: { team: "shop", "theseus.cluster": "forged" } });
    expect(made.Labels).toMatchObject({ team: "shop", "theseus.cluster": "c1" });
  });

  it("leave command and arguments to the image unless there are some", () => {
    expect(body({ command: [], args: [] })).not.toHaveProperty("Entrypoint");
    expect(body({ command: [], args: [] })).not.toHaveProperty("Cmd");
    expect(body({ command: ["/run"] })).toMatchObject({ Entrypoint: ["/run"] });
    expect(body({ args: ["-v"] })).toMatchObject({ Cmd: ["-v"] });
  });

  it("reserve and limit only what is set, without swap", () => {
    expect(body({ cpu: 0.1, mem: 64 * 2 ** 20 }).HostConfig).toMatchObject({
      NanoCpus: 100_000_000,
      Memory: 64 * 2 ** 20,
      MemorySwap: 64 * 2 ** 20,
    });
    expect(body().HostConfig).not.toHaveProperty("Memory");
    expect(body().HostConfig).not.toHaveProperty("NanoCpus");
  });

  it("make an exec check the engine's, and leave the image's alone for every other and for none", () => {
    const exec = { check: { kind: "exec", command: ["ok"] }, interval: 1500, fails: 4 } as const;
    expect(body({ health: exec }).Healthcheck).toEqual({
      Test: ["CMD", "ok"],
      Interval: 1_500_000_000,
      Timeout: 2_000_000_000,
      Retries: 4,
      StartPeriod: 0,
      StartInterval: 250_000_000,
    });
    expect(body({ health: { check: { kind: "none" } } })).not.toHaveProperty("Healthcheck");
    expect(body({ health: { check: { kind: "http", port: "http" } } })).not.toHaveProperty("Healthcheck");
  });

  it("publish ports on one address only, never on all", () => {
    const ports = [{ name: "http", container: 8080 }];
    expect(() => createOptions({ ...spec({ ports }), address: "" }, "")).toThrow(/no address/);
  });

  it("name volumes by cluster, group uid, name and slot, and mount binds as they are", () => {
    const volumes = [
      { name: "data", at: "/data" },
      { name: "shared", at: "/shared", per: "group" as const, readOnly: true },
      { bind: "/srv", at: "/srv" },
    ];
    const made = createOptions(spec({ volumes }), "");
    const [data, shared] = made.volumes;
    expect(data?.name).toMatch(/^theseus-[0-9a-f]{6}-u1-data-1$/);
    expect(shared?.name).toMatch(/^theseus-[0-9a-f]{6}-u1-shared$/);
    expect(data?.labels).toEqual({ "theseus.cluster": "c1", "theseus.group-uid": "u1" });
    expect(made.body.HostConfig?.Mounts).toEqual([
      { Type: "volume", Source: data?.name, Target: "/data", ReadOnly: false },
      { Type: "volume", Source: shared?.name, Target: "/shared", ReadOnly: true },
      { Type: "bind", Source: "/srv", Target: "/srv", ReadOnly: false },
    ]);
  });

  it("give size limits only to log drivers that know them", () => {
    expect(body({ logging: { driver: "journald" } }).HostConfig?.LogConfig).toEqual({ Type: "journald", Config: {} });
    expect(body({ logging: { maxFile: 7 } }).HostConfig?.LogConfig?.Config).toMatchObject({ "max-file": "7" });
  });
});

describe("the restricted profile", () => {
  const restricted = (config: Partial<GroupConfig>, imageUser = "") =>
    createOptions(spec({ profile: "restricted", ...config }), imageUser).body;

  it.each([
    ["", undefined, "65532:65532"],
    ["root", undefined, "65532:65532"],
    ["0:0", undefined, "65532:65532"],
    ["app", undefined, "app"],
    ["app", "0", "65532:65532"],
    ["root", "1000:1000", "1000:1000"],
  ])("with the image's user %p and the config's %p runs as %s", (imageUser, user, expected) => {
    expect(restricted(user === undefined ? {} : { user }, imageUser).User).toBe(expected);
  });

  it("drops everything and limits what the config does not limit itself", () => {
    expect(restricted({ mem: 2 ** 30 }).HostConfig).toMatchObject({
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      ReadonlyRootfs: true,
      Tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=64m" },
      PidsLimit: 256,
      Memory: 2 ** 30,
      NanoCpus: 500_000_000,
      Ulimits: [{ Name: "nofile", Soft: 1024, Hard: 4096 }],
    });
  });

  it("makes the folders that take files writable, unless a volume is there", () => {
    const files = ["/etc/app/a", "/etc/app/b", "/data/deep/c"].map((at) => ({ at, content: "" }));
    const made = restricted({ files, volumes: [{ name: "data", at: "/data" }] });
    expect(made.Volumes).toEqual({ "/etc/app": {} });
    expect(() => restricted({ files: [{ at: "/a", content: "" }] })).toThrow(/right under \//);
  });
});
