// The flags of create and update as a config and the paths of what was set. All mistakes at once.

import { resolve } from "node:path";
import { type GroupConfig, type Port, Protocol } from "../gen/theseus/v1/group.js";
import type { Fields } from "../partial.js";
import { readBounded, systemWords } from "./bounded-file.js";
import { type Context, optionalText, textList } from "./context.js";
import { usage } from "./failure.js";
import { parseEnvFile } from "./group-file/env-file.js";
import { LARGEST_FILE } from "./group-file/file-text.js";
import { problemText } from "./group-file/problems.js";
import { isPortName, selectorProblem } from "./names.js";
import { parseSize } from "./quantities.js";
import { shellWords } from "./shell-words.js";
import { readUpdateFlags } from "./update-flags.js";

export interface ConfigFlags {
  readonly config: Fields<GroupConfig>;
  /** As in the group file: image, env.LOG_LEVEL, ports.http. */
  readonly mask: readonly string[];
  /** --health http:/path names no port: the first tcp port of the group is meant. */
  readonly firstPortMissing: boolean;
}

/** A value that takes a limit away. */
const NONE = "none";

/** @throws Failure USAGE naming every flag that is wrong. */
export async function readConfigFlags(context: Context): Promise<ConfigFlags> {
  const reading = new Reading(context);
  reading.plain();
  reading.command();
  reading.ports();
  await reading.env();
  reading.health();
  reading.update();
  return reading.result();
}

class Reading {
  readonly #context: Context;
  readonly #problems: string[] = [];
  readonly #mask: string[] = [];
  #config: Fields<GroupConfig> = {};
  #firstPortMissing = false;

  constructor(context: Context) {
    this.#context = context;
  }

  result(): ConfigFlags {
    if (this.#problems.length > 0)
      throw usage(
        this.#problems.length === 1 ? "a flag is wrong" : `${this.#problems.length} flags are wrong`,
        this.#problems,
      );
    return { config: this.#config, mask: this.#mask, firstPortMissing: this.#firstPortMissing };
  }

  #set(path: string, fields: Fields<GroupConfig>): void {
    this.#config = { ...this.#config, ...fields };
    this.#mask.push(path);
  }

  plain(): void {
    this.#read("image", (image) => (/^\S+$/.test(image) ? { image } : "it is no image"));
    this.#read("instances", (text) => instancesFrom(text));
    this.#read("cpu", (text) => {
      if (text === NONE) return {};
      return /^\d+(\.\d+)?$/.test(text) && Number(text) >= 0.01
        ? { cpu: Number(text) }
        : "a number of cores like 0.5, or none";
    });
    this.#read("mem", (text) => {
      const bytes = parseSize(text);
      if (text === NONE) return {};
      return bytes === undefined ? "a size in B KiB MiB GiB like 256MiB, or none" : { memBytes: BigInt(bytes) };
    });
    this.#read("constraints", (text) => {
      if (text === NONE) return {};
      return selectorProblem(text) ?? { constraints: text };
    });
  }

  /** `parse` gives the fields, or in words what is expected. */
  #read(name: string, parse: (text: string) => Fields<GroupConfig> | string): void {
    const text = optionalText(this.#context, name);
    if (text === undefined) return;
    const parsed = parse(text);
    if (typeof parsed === "string") this.#problems.push(`--${name} ${text}: ${parsed}`);
    else this.#set(name, parsed);
  }

  command(): void {
    const line = optionalText(this.#context, "cmd");
    const words = line === undefined ? undefined : shellWords(line);
    if (words !== undefined) this.#set("command", { command: words });
    else if (line !== undefined) this.#problems.push(`--cmd ${line}: a quote is not closed`);
    const args = textList(this.#context, "arg");
    if (args.length > 0) this.#set("args", { args });
  }

  ports(): void {
    const ports: Fields<Port>[] = [];
    for (const text of textList(this.#context, "port")) {
      const port = portFrom(text);
      if (typeof port === "string") this.#problems.push(`--port ${text}: ${port}`);
      else if (ports.some(({ name }) => name === port.name))
        this.#problems.push(`--port ${text}: the name is there twice`);
      else {
        ports.push(port);
        this.#mask.push(`ports.${port.name}`);
      }
    }
    if (ports.length > 0) this.#config = { ...this.#config, ports };
  }

  async env(): Promise<void> {
    const env: Record<string, string> = {};
    for (const file of textList(this.#context, "envFile")) Object.assign(env, await this.#envFile(file));
    for (const text of textList(this.#context, "env")) {
      const equals = text.indexOf("=");
      const name = text.slice(0, Math.max(0, equals));
      if (equals <= 0 || /\s/.test(name)) this.#problems.push("--env: NAME=value is expected");
      else env[name] = text.slice(equals + 1);
    }
    const removed = textList(this.#context, "envRm");
    for (const name of removed) {
      if (Object.hasOwn(env, name)) this.#problems.push(`--env-rm ${name}: it is set by another flag`);
    }
    for (const name of [...Object.keys(env), ...removed]) this.#mask.push(`env.${name}`);
    if (Object.keys(env).length > 0) this.#config = { ...this.#config, env };
  }

  async #envFile(file: string): Promise<Readonly<Record<string, string>>> {
    try {
      const bytes = await readBounded(resolve(this.#context.io.cwd, file), LARGEST_FILE);
      const { env, problems } = parseEnvFile(new TextDecoder().decode(bytes));
      this.#problems.push(...problems.map((problem) => problemText(file, problem)));
      return env;
    } catch (error) {
      this.#problems.push(`--env-file ${file}: ${systemWords(error as NodeJS.ErrnoException)}`);
      return {};
    }
  }

  update(): void {
    const { update, mask, problems } = readUpdateFlags(this.#context);
    this.#problems.push(...problems);
    if (mask.length > 0) this.#config = { ...this.#config, update };
    this.#mask.push(...mask);
  }

  health(): void {
    const text = optionalText(this.#context, "health");
    if (text === undefined) return;
    const check = checkFrom(text);
    if (typeof check === "string") {
      this.#problems.push(`--health ${text}: ${check}`);
      return;
    }
    const first = (this.#config.ports ?? []).find(({ protocol }) => protocol !== Protocol.UDP)?.name;
    this.#firstPortMissing = check.$case === "http" && check.value.port === "" && first === undefined;
    const named = check.$case === "http" ? withPort(check, check.value.port || (first ?? "")) : check;
    this.#set("health", { health: { check: named } });
  }
}

export function instancesFrom(text: string): { instances: number } | string {
  const number = Number(text);
  return /^\d{1,4}$/.test(text) && number <= 1000 ? { instances: number } : "a whole number from 0 to 1000";
}

function portFrom(text: string): (Fields<Port> & { readonly name: string }) | string {
  const match = /^([^=]+)=(\d{1,5})(?::(\d{1,5}))?(?:\/(tcp|udp))?$/.exec(text);
  if (match === null) return "NAME=PORT, NAME=PORT:HOSTPORT or NAME=PORT/udp is expected";
  const [, name = "", container, host, protocol] = match;
  if (!isPortName(name)) return "a port name is a-z 0-9 - , at most 15, starting with a letter";
  const numbers = [container, host].filter((number) => number !== undefined).map(Number);
  if (numbers.some((number) => number < 1 || number > 65_535)) return "a port is a number from 1 to 65535";
  return {
    name,
    container: Number(container),
    ...(host === undefined ? {} : { host: Number(host) }),
    ...(protocol === undefined ? {} : { protocol: protocol === "udp" ? Protocol.UDP : Protocol.TCP }),
  };
}

type Check = NonNullable<Fields<GroupConfig>["health"]>["check"];
type HttpCheck = { readonly $case: "http"; readonly value: { readonly port: string; readonly path: string } };

function checkFrom(text: string): HttpCheck | Exclude<NonNullable<Check>, { $case: "http" }> | string {
  if (text === NONE) return { $case: "none", value: {} };
  const [, kind, port = "", path] = /^(http|tcp|grpc):([^/]*)(\/\S*)?$/.exec(text) ?? [];
  const bare = port === "" || isPortName(port);
  if (kind === "http" && bare && path !== undefined) return { $case: "http", value: { port, path } };
  if (kind === "tcp" && port !== "" && bare && path === undefined) return { $case: "tcp", value: { port } };
  if (kind === "grpc" && port !== "" && bare && path === undefined) return { $case: "grpc", value: { port } };
  return "http:/path, http:PORT/path, tcp:PORT, grpc:PORT or none is expected, with the name of a port";
}

function withPort(check: HttpCheck, port: string): HttpCheck {
  return { ...check, value: { ...check.value, port } };
}
