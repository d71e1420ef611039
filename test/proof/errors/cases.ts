// What people run into, each as a command that fails and what it has to say.

import type { Expected } from "./four-lines.js";

export type ErrorCase = Expected & {
  readonly name: string;
  /** @param tag differs for each run, so that a group of its own can be made. */
  readonly argv: (tag: string) => readonly string[];
  /** Another address than the server's. */
  readonly server?: string;
  /** True where -o itself is what is wrong. */
  readonly textOnly?: boolean;
  /** True where the answer takes seconds by its nature. */
  readonly waits?: boolean;
  /** Where the answer may take longer than any other. */
  readonly withinMs?: number;
};

/** What stands on the stage: groups, holders of ports, registries. */
export type Scene = {
  readonly image: string;
  /** One instance, ready, with a fixed host port. */
  readonly group: string;
  readonly groupPort: number;
  /** Ready ones too, one for each tag: what is changed by one command is not changed by another. */
  readonly groupFor: (tag: string) => string;
  /** Of a process that is not a container; one for each tag, since who asks first has it reserved. */
  readonly processPort: (tag: string) => number;
  /** Of a container that Theseus does not know. */
  readonly strangerPort: number;
  readonly registry: string;
  readonly lockedRegistry: string;
  /** One for each tag: the engine waits longer for one that was silent before. */
  readonly silentRegistry: (tag: string) => string;
  /** Of a group file each. */
  readonly files: { readonly bind: string; readonly never: (tag: string) => string };
};

const create =
  (name: string, image: string, ...flags: string[]) =>
  (tag: string) => ["create", `${name}/${tag}`, "--image", image, ...flags];

/** Mistakes that are found before anything is sent. */
export function usageCases({ group, image }: Scene): ErrorCase[] {
  const usage = { code: "USAGE", exit: 2 };
  return [
    { ...usage, name: "bad flag", says: ["did you mean --output"], argv: () => ["get", "groups", "--outptu", "wide"] },
    { ...usage, name: "bad command", says: ["did you mean apply"], argv: () => ["aply", "-f", "shop.yaml"] },
    { ...usage, name: "bad format", says: ["formats are"], textOnly: true, argv: () => ["get", "groups", "-o", "xml"] },
    { ...usage, name: "missing argument", argv: () => ["scale"] },
    { ...usage, name: "missing file", says: ["no such file"], argv: () => ["apply", "-f", "nowhere.yaml"] },
    { ...usage, name: "bad size", says: ["12 apples"], argv: create("a", image, "--mem", "12 apples") },
    { name: "bad label", code: "BAD_LABEL", exit: 2, says: ["Front End"], argv: () => ["create", "web/Front End"] },
    { name: "bad name", code: "BAD_NAME", exit: 2, argv: () => ["describe", "Web_1/prod"] },
    { name: "no yes", code: "CONFIRMATION_NEEDED", exit: 2, says: ["--yes"], argv: () => ["remove", group] },
  ];
}

/** What the server refuses because of what there is. */
export function refusalCases({ group, image, files }: Scene): ErrorCase[] {
  const [service = ""] = group.split("/");
  const near = [group, `get groups ${service} -l prod`];
  const stale = ["update", group, "--env", "A=1", "--expected-revision", "99"];
  return [
    {
      name: "group exists",
      code: "GROUP_EXISTS",
      exit: 5,
      says: [group],
      argv: () => ["create", group, "--image", image],
    },
    { name: "namespace exists", code: "NAMESPACE_EXISTS", exit: 5, argv: () => ["namespace", "create", "shop"] },
    {
      name: "namespace with groups",
      code: "NAMESPACE_NOT_EMPTY",
      exit: 5,
      says: ["cart/-"],
      argv: () => ["namespace", "remove", "shop", "--yes"],
    },
    {
      name: "namespace that always is",
      code: "INVALID_REQUEST",
      exit: 2,
      argv: () => ["namespace", "create", "default"],
    },
    { name: "stale revision", code: "CONFLICT", exit: 5, says: ["rev 1"], argv: () => stale },
    { name: "no group", code: "NO_SUCH_GROUP", exit: 4, says: near, argv: () => ["describe", `${service}/prod`] },
    { name: "no container", code: "NO_SUCH_CONTAINER", exit: 4, argv: () => ["describe", `${group}:9`] },
    { name: "no namespace", code: "NO_SUCH_NAMESPACE", exit: 4, argv: () => ["get", "groups", "-n", "nowhere"] },
    { name: "no host", code: "NO_SUCH_HOST", exit: 4, argv: () => ["describe", "host", "nowhere"] },
    { name: "host access", code: "HOST_ACCESS_REFUSED", exit: 11, argv: () => ["apply", "-f", files.bind] },
    {
      name: "update of nothing",
      code: "NO_SUCH_GROUP",
      exit: 4,
      argv: (tag) => ["update", `x/${tag}`, "--mem", "9MiB"],
    },
    {
      name: "injected name",
      code: "INVALID_REQUEST",
      exit: 2,
      says: ["SERVICE_NAME"],
      argv: create("injected", image, "--env", "SERVICE_NAME=x"),
    },
  ];
}

/** What is accepted and cannot become so. */
export function hopelessCases(scene: Scene): ErrorCase[] {
  const { image, registry } = scene;
  const noHost = { code: "NO_HOST_FITS", exit: 6, waits: true };
  const taken = { code: "PORT_TAKEN", exit: 6, waits: true };
  const port = (number: number) => ["--port", `http=8080:${number}`];
  const away = ["REGISTRY_UNREACHABLE", "IMAGE_DENIED"];
  return [
    { ...noHost, name: "too large", says: [/free|GiB/], argv: create("large", image, "--mem", "4000GiB") },
    { ...noHost, name: "no such host label", says: ["moon"], argv: create("moon", image, "--constraints", "moon") },
    {
      ...taken,
      name: "port of ours",
      says: [`${scene.group}:1`],
      argv: create("ours", image, ...port(scene.groupPort)),
    },
    {
      ...taken,
      name: "port of a process",
      says: ["a process outside", "ss -ltnp"],
      argv: (tag) => create("process", image, ...port(scene.processPort(tag)))(tag),
    },
    {
      ...taken,
      name: "port of a stranger's container",
      says: ["container stranger-"],
      argv: create("stranger", image, ...port(scene.strangerPort)),
    },
    { name: "image never", code: "IMAGE_NOT_FOUND", exit: 7, argv: (tag) => ["apply", "-f", scene.files.never(tag)] },
    {
      name: "image unknown to its registry",
      code: "IMAGE_NOT_FOUND",
      exit: 7,
      argv: create("unknown", `${registry}/tiny:no`),
    },
    { name: "image denied", code: "IMAGE_DENIED", exit: 7, argv: create("denied", `${scene.lockedRegistry}/tiny:1`) },
    { name: "image of another platform", code: "IMAGE_PLATFORM", exit: 7, argv: create("arm", `${registry}/tiny:arm`) },
    {
      name: "registry absent",
      code: "REGISTRY_UNREACHABLE",
      exit: 7,
      says: ["is not on local"],
      argv: create("absent", "127.0.0.1:1/x:1"),
    },
    // Whether a registry answers for it depends on where this runs; that it is not on the engine does not.
    { name: "image that nobody has", code: away, exit: 7, argv: create("nobody", "theseus-no-such-image-9f3c:1") },
    {
      name: "no such program",
      code: "ROLLOUT_FAILED",
      exit: 7,
      says: ["/no/bin"],
      argv: create("cmd", image, "--cmd", "/no/bin"),
    },
    {
      name: "exits at once",
      code: "ROLLOUT_FAILED",
      exit: 7,
      says: ["code 1", "3 of 3 tries"],
      waits: true,
      // Each failure is told at once; it is over after the third try, with the pauses before it.
      withinMs: 30_000,
      argv: create("quits", image, "--cmd", "false"),
    },
    {
      name: "too slow",
      code: "STILL_RUNNING",
      exit: 9,
      waits: true,
      argv: create("slow", image, "--port", "http=8080", "--env", "START_DELAY=60", "--timeout", "1s"),
    },
  ];
}

/** Apart: an engine has few pulls under way at once, and these take all the time that they get. */
export function silentRegistryCases({ silentRegistry }: Scene): ErrorCase[] {
  const away = { code: "REGISTRY_UNREACHABLE", exit: 7, says: ["said nothing"], waits: true };
  return [{ ...away, name: "registry silent", argv: (tag) => create("silent", `${silentRegistry(tag)}/x:1`)(tag) }];
}

export function serverAwayCases(addresses: { readonly closed: string; readonly silent: string }): ErrorCase[] {
  const away = { code: "SERVER_UNREACHABLE", exit: 10, argv: () => ["get", "groups"] };
  const change = () => ["create", "a/-", "--image", "a:1"];
  return [
    { ...away, name: "server absent", says: [addresses.closed], server: addresses.closed },
    { ...away, name: "server absent, change", server: addresses.closed, argv: change },
    { ...away, name: "address that says nothing", says: [addresses.silent], server: addresses.silent, waits: true },
    { ...away, name: "address that says nothing, change", server: addresses.silent, waits: true, argv: change },
  ];
}

export function dockerAwayCases({ image, groupFor }: Scene, how: string, socket: string): ErrorCase[] {
  const away = { code: "HOST_UNREACHABLE", exit: 10, says: ["local", socket], waits: true };
  return [
    { ...away, name: `Docker ${how}: create`, argv: create(`docker-${how}`, image) },
    {
      ...away,
      name: `Docker ${how}: update`,
      argv: (tag) => ["update", groupFor(tag), "--env", `${how.toUpperCase()}=${tag}`],
    },
  ];
}

export function storeAwayCases({ image, group }: Scene, how: string): ErrorCase[] {
  const store = { code: "STORE_UNREACHABLE", exit: 10, says: ["etcd"], waits: how === "stopped" };
  return [
    { ...store, name: `etcd ${how}: create`, argv: create("late", image) },
    { ...store, name: `etcd ${how}: update`, argv: () => ["update", group, "--env", "LATE=2"] },
    { ...store, name: `etcd ${how}: remove`, argv: () => ["remove", group, "--yes"] },
    { ...store, name: `etcd ${how}: namespace`, argv: (tag) => ["namespace", "create", `late-${tag}`] },
  ];
}
