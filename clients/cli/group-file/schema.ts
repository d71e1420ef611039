// The group file, contracts 8: every key once. Errors, the JSON Schema of editors and docs/group-file.md all come from
// here. Absent stays absent: a default is told, never filled in.

import { z } from "zod";
import { block, choice, list, map, number, size, text, whole, words, yesNo } from "./leaves.js";
import { lost, stop, update } from "./schema-policies.js";
import { health, PORT_NAME, PORT_NAME_RULE, port } from "./schema-ports.js";

const MIB = 2 ** 20;
const ABSOLUTE = /^\/(?!$)(?!.*(?:^|\/)\.{1,2}(?:\/|$))(?!.*\/\/)[^\0]*$/;
const VOLUME = /^[a-z0-9][a-z0-9_.-]{0,62}$/;
const RESOURCE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

const path = (description: string) => text("an absolute path like /data", { description }, ABSOLUTE);

const volume = block(
  {
    name: text("a volume name: a-z 0-9 _ . -", { description: "A named volume." }, VOLUME).optional(),
    bind: path("A path on the host; refused unless the server allows host access.").optional(),
    at: path("Where it is mounted."),
    per: choice(["slot", "group"], {
      description: "Who shares a named volume. A slot's volume pins the slot to its host.",
      default: "slot",
    }).optional(),
    read_only: yesNo({ description: "Mounted read only.", default: false }).optional(),
  },
  { description: "A named volume or a bind mount." },
);

const file = block(
  {
    at: path("Where it is in the container."),
    from: text("the name of a file beside this one", { description: "Read by the CLI, relative to the group file." }),
    mode: text(
      'octal digits in quotes, like "0444"',
      { description: "Permissions.", default: "0444" },
      /^0?[0-7]{3}$/,
    ).optional(),
  },
  { description: "A file written into the container before it starts." },
);

const secret = block(
  { name: text("the name of a secret", { description: "Which secret." }), at: path("Where it is in the container.") },
  { description: "Not yet effective: refused." },
);

const logging = block(
  {
    driver: choice(["local", "json-file", "journald", "none"], {
      description: "Docker's log driver.",
      default: "local",
    }).optional(),
    max_size: text(
      "a size for Docker, like 10m",
      { description: "Of one log file.", default: "10m" },
      /^[1-9]\d{0,5}[kmg]$/,
    ).optional(),
    max_file: whole(1, 100, { description: "How many log files are kept.", default: 3 }).optional(),
  },
  { description: "Where the output of the containers goes." },
);

const group = block(
  {
    image: text("the name of an image, like shop-web:1", { description: "The image, as Docker names it." }, /^[^\s]+$/),
    pull: choice(["missing", "always", "never"], { description: "When it is fetched.", default: "missing" }).optional(),
    command: words("Replaces the image's ENTRYPOINT.").optional(),
    args: words("Replaces the image's CMD.").optional(),
    workdir: text(
      "an absolute path like /app",
      { description: "Where the command starts; else the image's." },
      /^\//,
    ).optional(),
    user: text('text; put numbers in quotes, like "1000"', {
      description: "User or uid[:gid]; else the image's.",
    }).optional(),
    init: yesNo({
      description: "A small init as PID 1, so that signals and orphans are handled.",
      default: true,
    }).optional(),
    instances: whole(0, 1000, { description: "How many. Absent: as many as there are; 1 at creation." }).optional(),
    env: map(
      z.string({ error: 'a value; null is none, "" is the empty text' }),
      "a map of names to values",
      { description: "Environment. Values are kept as written: 1.10 and yes stay what they are." },
      { pattern: /^[^=\0\s]{1,255}$/, expected: "a name without = and spaces" },
    ).optional(),
    env_file: list(text("the name of a file", { description: "KEY=VALUE lines." }), "a list of file names", {
      description: "Read by the CLI, relative to the group file; env wins over them, later files over earlier ones.",
    }).optional(),
    ports: map(
      port,
      "a map of port names to port numbers",
      { description: "Named ports. The first one is the one told where none is named." },
      { pattern: PORT_NAME, expected: PORT_NAME_RULE },
    ).optional(),
    cpu: number(0.01, 1024, { description: "Cores: reserved, and the limit. Absent: none." }).optional(),
    mem: size({ description: "Memory: reserved, and the limit, in B KiB MiB GiB. Absent: none." }, 6 * MIB).optional(),
    health: health.optional(),
    constraints: text("a selector like zone=eu-1,!spot", {
      description: "Which hosts: a selector over their labels. a,b all of; !x not; a|b either.",
    }).optional(),
    distinct_host: yesNo({ description: "No two of the group on one host.", default: false }).optional(),
    max_per_host: whole(0, 1000, {
      description: "At most so many of the group on one host; 0 is no limit.",
      default: 0,
    }).optional(),
    spread: text(
      'host, none, or the part of a host label before "="',
      { description: "Spread evenly over hosts, or over the values of a host label. Soft.", default: "host" },
      /^[a-z0-9][a-z0-9._-]{0,62}$/,
    ).optional(),
    volumes: list(volume, "a list of volumes", { description: "Kept on remove unless --volumes." }).optional(),
    files: list(file, "a list of files", { description: "At most 64 KiB together." }).optional(),
    secrets: list(secret, "a list of secrets", { description: "Not yet effective: refused." }).optional(),
    networks: list(
      text("the name of a Docker network, or host", { description: "Name." }, RESOURCE),
      "a list of networks",
      {
        description: "Existing Docker networks, or [host] alone.",
      },
    ).optional(),
    stop: stop.optional(),
    restart: choice(["always", "on-failure", "never"], {
      description: "What happens when a container ends by itself.",
      default: "always",
    }).optional(),
    lost: lost.optional(),
    weight: whole(0, 1000, { description: "Told to clients.", default: 100 }).optional(),
    open: yesNo({ description: "May others register containers in this group?", default: false }).optional(),
    update: update.optional(),
    profile: choice(["default", "restricted"], {
      description: "How tightly it is confined.",
      default: "default",
    }).optional(),
    logging: logging.optional(),
    docker_labels: map(
      z.string({ error: "text" }),
      "a map of labels to values",
      { description: "Labels on the Docker containers." },
      { pattern: /^(?!theseus\.)[^\s=]{1,255}$/, expected: "a label that does not start with theseus." },
    ).optional(),
  },
  { description: "One labeled group. `apply` replaces its whole config." },
);

export const groupFileSchema = z
  .strictObject(
    {
      version: z.literal(1, { error: "1" }).meta({ description: "Of this format." }),
      namespace: text(
        "a name: a-z 0-9 - , starting with a letter",
        { description: "Of every group in this document; else the one of -n, else default." },
        /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
      ).optional(),
      groups: z
        .record(z.string(), group, { error: "a map of references to groups" })
        .meta({ description: "Key: SERVICE/LABELS, like web/dev,frontend; web/- is the group without labels." }),
    },
    { error: "a map with version and groups" },
  )
  .meta({
    title: "Theseus group file",
    description: "What should run. Top-level keys x-* are ignored: a place for anchors.",
  });

export type GroupFile = z.infer<typeof groupFileSchema>;
export type GroupBlock = GroupFile["groups"][string];
