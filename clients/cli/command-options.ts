// The flags of the commands, those that several have and the long lists. Loads nothing.

export interface OptionRow {
  readonly flags: string;
  readonly text: string;
  /** May be given more than once. */
  readonly many?: boolean;
}

export const MESSAGE: OptionRow = { flags: "-m, --message <text>", text: "why, for the record" };
export const DETACH: OptionRow = { flags: "--detach", text: "return once the server has accepted; do not wait" };
export const DRY_RUN: OptionRow = { flags: "--dry-run", text: "show what would happen; change nothing" };
export const WRITE = [MESSAGE, DETACH, DRY_RUN];
export const FILES: OptionRow = {
  flags: "-f, --file <file>",
  text: "a file, a folder of *.yaml, or - ; repeatable",
  many: true,
};
export const AT: OptionRow = {
  flags: "--at <token>",
  text: "exactly what that plan showed, or exit 5 saying what changed",
};
export const EXPECTED: OptionRow = { flags: "--expected-revision <rev>", text: "only if the group is at this rev" };

export const CONFIG: readonly OptionRow[] = [
  { flags: "-i, --instances <number>", text: "0 to 1000" },
  {
    flags: "-p, --port <name=port[:host]>",
    text: "a named port; host only where it must be fixed; repeatable",
    many: true,
  },
  { flags: "--cpu <cores>", text: "like 0.5" },
  { flags: "--mem <size>", text: "like 256MiB" },
  { flags: "--env <key=value>", text: "repeatable", many: true },
  { flags: "--env-file <file>", text: "KEY=VALUE lines, under --env; repeatable", many: true },
  { flags: "--health <check>", text: "http:/path, http:PORT/path, tcp:PORT, grpc:PORT or none" },
  { flags: "--constraints <selector>", text: "over the labels of hosts" },
  { flags: "--cmd <line>", text: "replaces the image's ENTRYPOINT; split like a shell does" },
  { flags: "--arg <text>", text: "replaces the image's CMD; repeatable", many: true },
];

/** How changes of the group come into effect, from this one on. */
export const UPDATE_POLICY: readonly OptionRow[] = [
  { flags: "--max-parallel <number>", text: "so many containers at a time, like 2 or 25%" },
  { flags: "--order <order>", text: "auto, start-first or stop-first" },
  { flags: "--min-healthy-time <time>", text: "so long a new container has to stay ready" },
  { flags: "--healthy-deadline <time>", text: "so long a new container may take to be ready" },
  { flags: "--progress-deadline <time>", text: "so long it may take until the next slot is done" },
  { flags: "--canary <number>", text: "so many first, until somebody promotes; 0: none" },
  { flags: "--on-failure <what>", text: "rollback, pause or continue" },
];

export const DISCOVER: readonly OptionRow[] = [
  { flags: "-p, --port <name>", text: "this named port, else the first" },
  { flags: "--all", text: "also those that are not ready" },
  { flags: "--one", text: "one of them, picked at random" },
  { flags: "--host <name>", text: "those on this host first" },
  {
    flags: "--min <number>",
    text: "wait until so many are ready, for --timeout [10s]; with --watch pass over less",
  },
  { flags: "--backend <name>", text: "what the backend of -o haproxy is called" },
  { flags: "--upstream <name>", text: "what the upstream of -o nginx is called" },
  { flags: "-w, --watch", text: "a whole new answer for each change; with -o jsonl one line each" },
  { flags: "--out <file>", text: "with --watch: keep this file, replaced whole; at least --min [1] ready" },
  {
    flags: "--check <command>",
    text: "before the file is replaced; {} or $FILE is the new one, not 0 keeps the old",
  },
  { flags: "--then <command>", text: "after it was replaced; again until it ends with 0; $FILE is the file" },
  { flags: "--settle <time>", text: "after a change, wait so long for more of them: 500ms" },
];

export const LOGS: readonly OptionRow[] = [
  { flags: "-f, --follow", text: "go on; containers that are made later join" },
  { flags: "--tail <lines>", text: "the last so many of all lines together, or all [100; all with --since]" },
  { flags: "--since <time>", text: "10m ago, or from 2026-11-22T14:00:00Z" },
  { flags: "--until <time>", text: "only before that" },
  { flags: "--grep <pattern>", text: "only lines that match this regular expression" },
  { flags: "--previous", text: "what is kept of containers that failed: the newest of each slot; all with --tail all" },
  { flags: "--host <name>", text: "only of containers on this host" },
  { flags: "--timestamps <how>", text: "full, short or none [short]" },
  { flags: "--no-prefix", text: "without the container and host before each line" },
];

export const VIEWER: readonly OptionRow[] = [
  { flags: "--listen <host:port>", text: "where browsers reach it [127.0.0.1:7701]" },
  { flags: "--allow-host <name>", text: "another name that browsers may reach it by; repeatable", many: true },
  { flags: "--listen-insecurely", text: "allow to listen without TLS where other machines can reach it" },
];
