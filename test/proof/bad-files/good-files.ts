// Good files that together have every key of the schema at every depth, in both forms where there are two. A key of the
// schema that is in none of them fails the proof.

import { type Node, toNode } from "./yaml-tree.js";

export type Sample = {
  readonly name: string;
  readonly root: Node;
  /** What is refused in it as it stands: a key that the format has and that does nothing yet. */
  readonly refused?: readonly (string | number)[];
};

/** Beside the samples, for env_file and files. */
export const ATTACHED = { "web.env": "FROM_FILE=1\n# a remark\n", "app.conf": "colour = blue\n" };

const EVERYTHING = {
  image: "shop-web:1",
  pull: "missing",
  command: ["/serve.sh"],
  args: ["--fast"],
  workdir: "/app",
  user: "1000",
  init: true,
  instances: 1,
  env: { LOG_LEVEL: "info", VERSION: "1.10" },
  env_file: ["web.env"],
  ports: { http: 8080, admin: { container: 9000, host: 29_443, protocol: "tcp" } },
  cpu: 0.5,
  mem: "64MiB",
  health: {
    http: { port: "http", path: "/healthz" },
    interval: "5s",
    timeout: "2s",
    passes: 2,
    fails: 3,
    start_period: "1s",
    start_interval: "250ms",
  },
  constraints: "!spot",
  distinct_host: true,
  max_per_host: 1,
  spread: "zone",
  volumes: [
    { name: "data", at: "/data", per: "slot", read_only: false },
    { bind: "/srv/www", at: "/www", read_only: true },
  ],
  files: [{ at: "/etc/app.conf", from: "app.conf", mode: "0444" }],
  networks: ["shop"],
  stop: { signal: "SIGINT", grace: "5s", drain_wait: "1s", ack_deadline: "3s" },
  restart: "on-failure",
  lost: { after: "30s", on_return: "keep_new", at_most_once: true },
  weight: 50,
  open: false,
  update: {
    max_parallel: 2,
    order: "stop-first",
    wait: "0s",
    min_healthy_time: "1s",
    healthy_deadline: "5m",
    progress_deadline: "10m",
    on_failure: "rollback",
    canary: 0,
    steps: [1, "pause", "50%", "5m"],
  },
  profile: "restricted",
  logging: { driver: "json-file", max_size: "1m", max_file: 2 },
  docker_labels: { "com.example.team": "shop" },
};

const OTHER_FORMS = {
  "none/-": { image: "a:1", health: "none", update: { max_parallel: "25%" } },
  "path/dev": { image: "a:1", ports: { http: 80 }, health: { http: "/" } },
  "tcp/a,dev": { image: "a:1", ports: { redis: 6379 }, health: { tcp: "redis" } },
  "tcp/b,dev": { image: "a:1", ports: { redis: 6379 }, health: { tcp: { port: "redis" } } },
  "grpc/a,dev": { image: "a:1", ports: { api: 5000 }, health: { grpc: "api" } },
  "grpc/b,dev": { image: "a:1", ports: { api: 5000 }, health: { grpc: { port: "api", service: "shop.v1.Cart" } } },
  "exec/dev": { image: "a:1", health: { exec: ["/bin/check", "--quick"] } },
};

const SECRETS = { image: "a:1", secrets: [{ name: "db", at: "/run/secrets/db" }] };

export const SAMPLES: readonly Sample[] = [
  {
    name: "everything",
    root: toNode({
      version: 1,
      namespace: "default",
      "x-base": { anything: [1, null] },
      groups: { "web/dev,frontend": EVERYTHING, ...OTHER_FORMS },
    }),
  },
  {
    name: "secrets",
    root: toNode({ version: 1, groups: { "db/-": SECRETS } }),
    refused: ["groups", "db/-", "secrets"],
  },
];
