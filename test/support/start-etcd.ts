// A private etcd on loopback for one test file: free ports, a temporary data folder, nothing left behind by stop().

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { get as httpGet } from "node:http";
import { get as httpsGet } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type CertificateFiles, makeCertificates, readCertificates } from "./etcd-certificates.js";
import { freePort } from "./free-port.js";
import { until } from "./until.js";

const run = promisify(execFile);
const CTL_ENVIRONMENT = { PATH: process.env["PATH"] ?? "", ETCDCTL_API: "3" };
const HEALTHY_WITHIN_MS = 20_000;

export type StartEtcdOptions = {
  readonly tls?: boolean;
  /** Signing in is switched on, with this user as root. */
  readonly user?: { readonly name: "root"; readonly password: string };
  /** In a process group of its own: Ctrl-C in the terminal does not reach it. */
  readonly detached?: boolean;
  /** What to put before a command so that it runs in another network namespace; etcd is reachable only from there. */
  readonly inside?: readonly string[];
};

/** A running etcd. */
export class TestEtcd {
  readonly endpoint: string;
  /** Of a server that is to use it. */
  readonly serverFlags: readonly string[];
  readonly port: number;
  readonly folder: string;
  /** PEM texts, when started with TLS. */
  readonly certificates: CertificateFiles | undefined;
  readonly #arguments: string[];
  readonly #detached: boolean;
  readonly #inside: readonly string[];
  readonly #ctlArguments: string[];
  #process: ChildProcess | undefined;
  readonly #goWithUs = (): void => {
    this.#process?.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  };

  constructor(facts: {
    port: number;
    folder: string;
    endpoint: string;
    certificates: CertificateFiles | undefined;
    serverArguments: readonly string[];
    detached: boolean;
    inside: readonly string[];
    ctlArguments: readonly string[];
  }) {
    this.endpoint = facts.endpoint;
    this.serverFlags = ["--etcd", facts.endpoint];
    this.port = facts.port;
    this.folder = facts.folder;
    this.certificates = facts.certificates;
    this.#arguments = [...facts.serverArguments];
    this.#detached = facts.detached;
    this.#inside = facts.inside;
    this.#ctlArguments = [...facts.ctlArguments];
    process.once("exit", this.#goWithUs);
  }

  /** Starts it on the same ports and data, and waits until it answers. */
  async start(): Promise<void> {
    const [program = "", ...args] = [...this.#inside, "etcd", ...this.#arguments];
    this.#process = spawn(program, args, { stdio: "ignore", detached: this.#detached });
    const failed = new Promise<never>((_, reject) => {
      this.#process?.on("error", reject);
      this.#process?.on("exit", (code) => reject(new Error(`etcd ended with ${code} before it was healthy`)));
    });
    failed.catch(() => undefined);
    await Promise.race([this.#healthy(), failed]);
  }

  /** etcdctl with the right endpoint and credentials, where it is reachable; its arguments follow. */
  get ctlCommand(): readonly string[] {
    return [...this.#inside, "etcdctl", ...this.#ctlArguments];
  }

  /** Its output. */
  async ctl(...args: string[]): Promise<string> {
    const [program = "", ...all] = [...this.ctlCommand, ...args];
    const { stdout } = await run(program, all, {
      env: CTL_ENVIRONMENT,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  }

  /** Of its own accord, or because it was told to. */
  get hasEnded(): boolean {
    const child = this.#process;
    return child === undefined || child.exitCode !== null || child.signalCode !== null;
  }

  signIn(name: string, password: string): void {
    this.#ctlArguments.push("--user", `${name}:${password}`);
  }

  /** Resolves when it really stands still: a signal takes its time to reach every thread. */
  async pause(): Promise<void> {
    const pid = this.#process?.pid;
    this.#process?.kill("SIGSTOP");
    if (pid !== undefined) await until("etcd to stand still", () => isStopped(pid));
  }

  resume(): void {
    this.#process?.kill("SIGCONT");
  }

  async kill9(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async restart(): Promise<void> {
    await this.#end("SIGTERM");
    await this.start();
  }

  async restartWith(...more: string[]): Promise<void> {
    await this.#end("SIGTERM");
    this.#arguments.push(...more);
    await this.start();
  }

  /** Replaces the data by a backup that `etcdctl snapshot save` made, as an operator would, and starts again. */
  async restore(backup: string): Promise<void> {
    await this.#end("SIGKILL");
    const flags = this.#arguments.filter((flag) => /^--(name|initial-|data-dir)/.test(flag));
    await rm(join(this.folder, "data"), { recursive: true, force: true });
    await run("etcdctl", ["snapshot", "restore", backup, ...flags], { env: CTL_ENVIRONMENT });
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#end("SIGKILL");
    process.off("exit", this.#goWithUs);
    await rm(this.folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGCONT");
    child.kill(signal);
    await ended;
  }

  async #healthy(): Promise<void> {
    for (const giveUpAt = Date.now() + HEALTHY_WITHIN_MS; Date.now() < giveUpAt; ) {
      if (await this.#answersHealthy()) return;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    throw new Error("etcd did not become healthy");
  }

  async #answersHealthy(): Promise<boolean> {
    if (this.#inside.length === 0) return await this.#healthEndpoint();
    return await this.ctl("endpoint", "health").then(
      () => true,
      () => false,
    );
  }

  #healthEndpoint(): Promise<boolean> {
    return new Promise((resolve) => {
      const get = this.certificates === undefined ? httpGet : httpsGet;
      const request = get(`${this.endpoint}/health`, { ...this.certificates, timeout: 1000 }, (response) => {
        let body = "";
        response.on("data", (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on("end", () => resolve(body.includes('"true"')));
      });
      request.on("timeout", () => request.destroy());
      request.on("error", () => resolve(false));
    });
  }
}

/** Starts an etcd of its own and waits until it is healthy. Call stop() whatever happens. */
export async function startEtcd(options: StartEtcdOptions = {}): Promise<TestEtcd> {
  const folder = await mkdtemp(join(tmpdir(), "theseus-etcd-"));
  try {
    const etcd = await prepare(folder, options);
    await etcd.start();
    if (options.user !== undefined) await switchOnSignIn(etcd, options.user);
    return etcd;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function prepare(folder: string, options: StartEtcdOptions): Promise<TestEtcd> {
  const [port, peerPort] = [await freePort(), await freePort()];
  const endpoint = `${options.tls ? "https" : "http"}://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const files = options.tls ? await makeCertificates(folder) : undefined;
  const base = ["--name=test", `--data-dir=${join(folder, "data")}`, "--logger=zap", "--log-level=error"];
  const urls = [
    `--listen-client-urls=${endpoint}`,
    `--advertise-client-urls=${endpoint}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=test=${peer}`,
  ];
  const tls =
    files === undefined
      ? []
      : [`--cert-file=${files.cert}`, `--key-file=${files.key}`, `--trusted-ca-file=${files.ca}`, "--client-cert-auth"];
  const ctlTls = files === undefined ? [] : [`--cacert=${files.ca}`, `--cert=${files.cert}`, `--key=${files.key}`];
  return new TestEtcd({
    port,
    folder,
    endpoint,
    certificates: files === undefined ? undefined : await readCertificates(files),
    serverArguments: [...base, ...urls, ...tls],
    detached: options.detached ?? false,
    inside: options.inside ?? [],
    ctlArguments: [`--endpoints=${endpoint}`, ...ctlTls],
  });
}

async function switchOnSignIn(etcd: TestEtcd, user: { readonly name: string; readonly password: string }) {
  await etcd.ctl("user", "add", `${user.name}:${user.password}`);
  await etcd.ctl("user", "grant-role", user.name, "root");
  await etcd.ctl("auth", "enable");
  etcd.signIn(user.name, user.password);
}

/** Every thread of it is in state T, the first letter after the name in brackets; a signal alone is only on its way. */
export function isStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) => {
    const text = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).startsWith("T");
  });
}
