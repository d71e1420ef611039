import { describe, expect, it } from "@jest/globals";
import { groupRef } from "../../../src/model/reference.js";
import { containerSpec, type SpecInput } from "../../../src/scheduler/container-spec.js";

const INPUT: SpecInput = {
  clusterId: "c0ffee",
  group: groupRef("web", ["frontend", "dev"], "shop"),
  groupUid: "u1",
  intent: {
    name: "web.dev.frontend.1.3-k3f9x2",
    slot: 1,
    generation: 3,
    configRevision: 42,
    fingerprint: "1-f",
    host: "local",
    hostPorts: { http: 20417, "admin-api": 9443 },
    phase: "creating",
  },
  config: {
    image: "web:1",
    env: { LOG_LEVEL: "info" },
    ports: [
      { name: "http", container: 8080 },
      { name: "admin-api", container: 9000, host: 9443 },
    ],
  },
  image: "web@sha256:1",
  address: "172.17.0.1",
  discoveryServers: ["172.17.0.2:7700", "172.17.0.1:7700"],
  configs: { write: (config) => JSON.stringify(config) },
};

describe("what the engine is asked to create", () => {
  it("carries its config, unless that is too long for every listing to repeat", () => {
    expect(containerSpec(INPUT).configText).toBe(JSON.stringify(INPUT.config));
    const env = { LONG: "x".repeat(20_000) };
    expect(containerSpec({ ...INPUT, config: { ...INPUT.config, env } })).not.toHaveProperty("configText");
  });

  it("tells the container who it is and where it is reached", () => {
    expect(containerSpec(INPUT).env).toEqual({
      SERVICE_NAME: "web",
      GROUP_LABELS: "dev,frontend",
      CONTAINER_NAME: "web.dev.frontend.1.3-k3f9x2",
      NAMESPACE: "shop",
      CONTAINER_HOST_ADDRESS: "172.17.0.1",
      PORT_HTTP: "20417",
      EXPOSED_PORT_HTTP: "8080",
      PORT_ADMIN_API: "9443",
      EXPOSED_PORT_ADMIN_API: "9000",
      THESEUS_SERVER: "172.17.0.1:7700,172.17.0.2:7700",
    });
  });

  it("is named as intended and runs the pinned image", () => {
    const spec = containerSpec(INPUT);
    expect([spec.name, spec.hostname, spec.image]).toEqual([INPUT.intent.name, INPUT.intent.name, "web@sha256:1"]);
    expect(spec.owner).toEqual({
      cluster: "c0ffee",
      group: INPUT.group,
      groupUid: "u1",
      slot: 1,
      generation: 3,
      configRevision: 42,
      fingerprint: "1-f",
    });
  });

  it("is the same for the same intent, in whatever order the servers come", () => {
    const discoveryServers = [...INPUT.discoveryServers].reverse();
    expect(containerSpec({ ...INPUT, discoveryServers })).toEqual(containerSpec(INPUT));
  });
});
