// Credentials for registries, from the Docker config file of the server's user: plain entries and credential helpers.
// Read anew for each pull, never kept, never logged.

import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock, Logger } from "../model/ports.js";
import { within } from "./deadline.js";

const HELPER_DEADLINE: Milliseconds = 5 * SECOND;
const LONGEST_ANSWER = 64 * 1024;
/** What Docker Hub is called in the file. */
const HUB = "https://index.docker.io/v1/";

type Entry = { auth?: string; username?: string; password?: string; identitytoken?: string };
type ConfigFile = { auths?: Record<string, Entry>; credHelpers?: Record<string, string>; credsStore?: string };
type Secret = { username: string; password: string } | { identitytoken: string };

export type CredentialParts = { readonly file: string | undefined; readonly clock: Clock; readonly log: Logger };

/** The header value the engine takes for this registry; undefined to go without. Never throws: the registry decides. */
export async function registryAuth(parts: CredentialParts, registry: string): Promise<string | undefined> {
  if (parts.file === undefined) return undefined;
  const server = registry === "docker.io" ? HUB : registry;
  try {
    const config = await readConfig(parts.file);
    const helper = config.credHelpers?.[server] ?? config.credHelpers?.[registry] ?? config.credsStore;
    const secret = (helper ? await askHelper(parts.clock, helper, server) : undefined) ?? readEntry(config, server);
    if (secret === undefined) return undefined;
    const text = Buffer.from(JSON.stringify({ ...secret, serveraddress: server })).toString("base64");
    // The URL alphabet, but padded: without, the engine goes on as if there were no credentials.
    return text.replaceAll("+", "-").replaceAll("/", "_");
  } catch (error) {
    // The message only: a cause may hold what was read.
    const problem = error instanceof SyntaxError ? "it is not JSON" : String((error as Error).message);
    parts.log.warn({ file: parts.file, registry, problem }, "registry credentials could not be read; going without");
    return undefined;
  }
}

async function readConfig(file: string): Promise<ConfigFile> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "{}";
    throw error;
  });
  const config: unknown = JSON.parse(text);
  return typeof config === "object" && config !== null ? config : {};
}

/** Keys are written as hosts or as URLs, by different versions of `docker login`. */
function readEntry(config: ConfigFile, server: string): Secret | undefined {
  const entries = Object.entries(config.auths ?? {});
  const exact = entries.find(([key]) => key === server) ?? entries.find(([key]) => hostOf(key) === hostOf(server));
  const entry = exact?.[1];
  if (entry?.identitytoken) return { identitytoken: entry.identitytoken };
  if (entry?.username && entry.password) return { username: entry.username, password: entry.password };
  const decoded = Buffer.from(entry?.auth ?? "", "base64")
    .toString("utf8")
    .replace(/\0+$/, "");
  const colon = decoded.indexOf(":");
  return colon > 0 ? { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) } : undefined;
}

function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}

/** Undefined when the helper knows nothing of this server. */
async function askHelper(clock: Clock, helper: string, server: string): Promise<Secret | undefined> {
  if (!/^[A-Za-z0-9._-]+$/.test(helper)) throw new Error("the name of the credential helper is not a program's name");
  const program = `docker-credential-${helper}`;
  const { code, output } = await within(
    clock,
    HELPER_DEADLINE,
    (signal) => run(program, server, signal),
    () => new Error(`${program} did not answer in ${HELPER_DEADLINE / SECOND} s`),
  );
  if (code !== 0) {
    if (/not found/i.test(output)) return undefined;
    throw new Error(`${program} ended with ${code}`);
  }
  const { Username: username, Secret: password } = JSON.parse(output) as { Username?: string; Secret?: string };
  if (!username || !password) return undefined;
  return username === "<token>" ? { identitytoken: password } : { username, password };
}

function run(program: string, input: string, signal: AbortSignal): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ["get"], { stdio: ["pipe", "pipe", "ignore"], signal, killSignal: "SIGKILL" });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(0, LONGEST_ANSWER);
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
    // A helper that ends without reading is judged by its exit code.
    child.stdin.on("error", () => undefined).end(`${server(input)}\n`);
  });
}

function server(text: string): string {
  return text.replaceAll("\n", "");
}
