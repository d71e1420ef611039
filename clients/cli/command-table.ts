// Every command: its words, its flags, its examples, and the module that runs it. The whole of `--help` comes from
// here, so nothing is loaded by it.

import { CONFIG, DISCOVER, EXPECTED, FILES, LOGS, MESSAGE, type OptionRow, WRITE } from "./command-options.js";
import type { CommandModule } from "./context.js";

export const GROUPS = {
  look: "Look:",
  change: "Change:",
  fleet: "Fleet:",
  setup: "Set up:",
} as const;

export interface CommandRow {
  /** "apply", "set image". */
  readonly path: string;
  readonly args: string;
  readonly group: keyof typeof GROUPS;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly more?: string;
  readonly options: readonly OptionRow[];
  readonly load: () => Promise<CommandModule>;
}

/** Words that only group commands. */
export const PARENTS: Readonly<Record<string, string>> = {
  set: "Change one thing of a group.",
  namespace: "Create, look at and remove namespaces.",
  server: "Start a server, ask how one is, keep its store.",
};

const GET_NAMES = "services groups containers hosts namespaces, short: svc grp ctr host ns";

export const COMMANDS: readonly CommandRow[] = [
  {
    path: "get",
    args: "<what> [name]",
    group: "look",
    summary: "List services, groups, containers, hosts or namespaces.",
    examples: [
      "theseus get groups",
      "theseus get containers web -l prod -o wide",
      "theseus get group web/prod -o json",
    ],
    more: `What: ${GET_NAMES}.`,
    options: [{ flags: "-w, --watch", text: "services, groups, containers: then each change, until Ctrl-C" }],
    load: () => import("./commands/get.js"),
  },
  {
    path: "describe",
    args: "<what> [name]",
    group: "look",
    summary: "Everything about a group, a container or a host: state, why, what next.",
    examples: ["theseus describe web/dev", "theseus describe web/dev:3", "theseus describe host local"],
    options: [],
    load: () => import("./commands/describe.js"),
  },
  {
    path: "watch",
    args: "[name]",
    group: "look",
    summary: "The containers of a namespace, a service or a group, and each change of them, until Ctrl-C.",
    examples: ["theseus watch", "theseus watch web -l prod", "theseus watch web/dev -o jsonl"],
    more: "On a terminal the table is drawn anew; otherwise each change is a line, with -o jsonl an object.",
    options: [],
    load: () => import("./commands/watch.js"),
  },
  {
    path: "logs",
    args: "[names...]",
    group: "look",
    summary: "What containers have written, merged by time.",
    examples: [
      "theseus logs web/prod",
      "theseus logs web/prod:3 -f",
      "theseus logs -l prod --since 10m --grep 'ERROR|WARN'",
      "theseus logs web/prod --tail all -o jsonl",
    ],
    more: "Names are services, groups or containers (web/prod:3); without any, everything in the namespace.",
    options: LOGS,
    load: () => import("./commands/logs.js"),
  },
  {
    path: "discover",
    args: "[name]",
    group: "look",
    summary: "Where the ready containers of a service are.",
    examples: [
      "theseus discover web -l prod --port http",
      "theseus discover web/prod -o host:port --one",
      "theseus discover web -p http --min 2 --timeout 1m",
      "theseus discover web -p http -o haproxy --watch --out /etc/haproxy/web.cfg --then 'systemctl reload haproxy'",
    ],
    more: "With --out the last good file stays until a better one is ready. docs/discover.md has all of it.",
    options: DISCOVER,
    load: () => import("./commands/discover.js"),
  },
  {
    path: "plan",
    args: "",
    group: "change",
    summary: "What apply would change: fields, placement, refusals. Changes nothing.",
    examples: ["theseus plan -f shop.yaml", "theseus diff -f shop.yaml"],
    options: [FILES],
    load: () => import("./commands/plan.js"),
  },
  {
    path: "diff",
    args: "",
    group: "change",
    summary: "Plan without placement: only the fields that differ.",
    examples: ["theseus diff -f shop.yaml"],
    options: [FILES],
    load: () => import("./commands/diff.js"),
  },
  {
    path: "apply",
    args: "",
    group: "change",
    summary: "Make the groups of a file so, all or none, and wait until they are steady.",
    examples: ["theseus apply -f shop.yaml -m 'raise memory'", "theseus apply -f shop.yaml --dry-run"],
    options: [FILES, ...WRITE],
    load: () => import("./commands/apply.js"),
  },
  {
    path: "create",
    args: "<group>",
    group: "change",
    summary: "Create a group.",
    examples: ["theseus create web/canary --image web:2.5 -i 1 -p http=8080 --health http:/healthz"],
    options: [{ flags: "--image <image>", text: "required" }, ...CONFIG, ...WRITE],
    load: () => import("./commands/create.js"),
  },
  {
    path: "update",
    args: "<group>",
    group: "change",
    summary: "Change some fields of a group; the others stay.",
    examples: ["theseus update web/prod --env LOG_LEVEL=debug --env-rm TRACE", "theseus update web/prod --mem 768MiB"],
    options: [
      { flags: "--image <image>", text: "another image" },
      ...CONFIG,
      { flags: "--env-rm <key>", text: "repeatable", many: true },
      EXPECTED,
      ...WRITE,
    ],
    load: () => import("./commands/update.js"),
  },
  {
    path: "set image",
    args: "<group> <image>",
    group: "change",
    summary: "Run another image.",
    examples: ["theseus set image web/prod registry.example/web:2.4.1"],
    options: [EXPECTED, ...WRITE],
    load: () => import("./commands/set-image.js"),
  },
  {
    path: "scale",
    args: "<words...>",
    group: "change",
    summary: "Change the number of instances of one group, or of every group selected.",
    examples: ["theseus scale web/prod 4", "theseus scale -l dev 0 --yes", "theseus scale web -l dev 1"],
    options: [EXPECTED, ...WRITE],
    load: () => import("./commands/scale.js"),
  },
  {
    path: "remove",
    args: "<names...>",
    group: "change",
    summary: "Remove groups, or a whole service.",
    examples: ["theseus remove web/canary", "theseus remove web --all-groups --yes"],
    options: [
      { flags: "--all-groups", text: "a service with all of its groups" },
      { flags: "--volumes", text: "also the named volumes" },
      ...WRITE,
    ],
    load: () => import("./commands/remove.js"),
  },
  {
    path: "namespace create",
    args: "<name>",
    group: "fleet",
    summary: "Create a namespace.",
    examples: ["theseus namespace create shop"],
    options: [MESSAGE],
    load: () => import("./commands/namespace-create.js"),
  },
  {
    path: "namespace get",
    args: "[name]",
    group: "fleet",
    summary: "List namespaces, or look at one.",
    examples: ["theseus namespace get", "theseus namespace get shop -o json"],
    options: [],
    load: () => import("./commands/namespace-get.js"),
  },
  {
    path: "namespace remove",
    args: "<name>",
    group: "fleet",
    summary: "Remove an empty namespace.",
    examples: ["theseus namespace remove shop"],
    options: [MESSAGE],
    load: () => import("./commands/namespace-remove.js"),
  },
  {
    path: "server start",
    args: "",
    group: "setup",
    summary: "Run a server, until SIGTERM or Ctrl-C.",
    examples: [
      "theseus server start --dev",
      "theseus server start --etcd http://127.0.0.1:2379",
      "theseus server start --help",
    ],
    options: [],
    load: () => import("./commands/server-start.js"),
  },
  {
    path: "server status",
    args: "",
    group: "setup",
    summary: "How the server is: leader, store, problems.",
    examples: ["theseus server status", "theseus server status --wait --timeout 30s"],
    options: [{ flags: "--wait", text: "until it answers and is well" }],
    load: () => import("./commands/server-status.js"),
  },
  {
    path: "server backup",
    args: "<file>",
    group: "setup",
    summary: "Write the whole store to a file, checked. docs/store.md says how to restore it.",
    examples: ["theseus server backup store.db", "theseus server backup /var/backups/store.db --force"],
    options: [{ flags: "--force", text: "take the place of a file that is there" }],
    load: () => import("./commands/server-backup.js"),
  },
  {
    path: "server restore",
    args: "<file>",
    group: "setup",
    summary: "Make an embedded store from a backup of one, while no server runs on it.",
    examples: ["theseus server restore store.db --data /var/lib/theseus/restored", "theseus server restore --help"],
    options: [{ flags: "--data <folder>", text: "required; a folder without a store" }],
    load: () => import("./commands/server-restore.js"),
  },
  {
    path: "recover",
    args: "",
    group: "setup",
    summary: "After a restore from an older backup: what runs that the store cannot know, and what to do with it.",
    examples: ["theseus recover", "theseus recover --adopt -m 'store restored'", "theseus recover --remove --dry-run"],
    more: "Nothing of these groups is stopped, removed or replaced before. Without --adopt or --remove it only shows.",
    options: [
      { flags: "--adopt", text: "keep what runs: the store learns of it again" },
      { flags: "--remove", text: "stop and remove it: the groups go on as the store has them" },
      ...WRITE,
    ],
    load: () => import("./commands/recover.js"),
  },
  {
    path: "version",
    args: "",
    group: "setup",
    summary: "Versions of this program and of the server.",
    examples: ["theseus version", "theseus version --client"],
    options: [{ flags: "--client", text: "do not ask the server" }],
    load: () => import("./commands/version.js"),
  },
  {
    path: "help",
    args: "[words...]",
    group: "setup",
    summary: "Help on a command, or on exit-codes.",
    examples: ["theseus help apply", "theseus help exit-codes"],
    options: [],
    load: () => import("./commands/help.js"),
  },
];
