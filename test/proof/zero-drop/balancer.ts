// A real HAProxy whose list of servers is kept by `theseus discover --watch --out`.

import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Child } from "../../support/child.js";
import { freePort } from "../../support/free-port.js";
import { theseus } from "../../support/theseus.js";
import { until } from "../../support/until.js";

const PATH = `${process.env["PATH"]}:/usr/sbin:/sbin`;
/** As users are given it. */
const RELOAD = resolve("examples/haproxy/reload-and-wait.sh");
const FOR_EVER_MS = 24 * 3_600_000;

const configOf = (port: number): string => `
global
  hard-stop-after 60s
defaults
  mode http
  retries 0
  option idle-close-on-response
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend in
  bind 127.0.0.1:${port}
  default_backend web
`;

export class Balancer {
  private constructor(
    readonly port: number,
    readonly reloads: () => Promise<number>,
    readonly stop: () => Promise<void>,
  ) {}

  /**
   * As soon as it has so many servers.
   * @param folder where its files are to be.
   */
  static async start(folder: string, server: string, count: number): Promise<Balancer> {
    const port = await freePort();
    const [main, web, log] = ["main.cfg", "web.cfg", "reloads"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(main, configOf(port));
    await writeFile(web, "backend web\n");
    await writeFile(log, "");
    const haproxy = new Child("haproxy", ["-W", "-db", "-f", main, "-f", web], { env: { PATH } });
    const over = new AbortController();
    const args = ["discover", "web", "-l", "dev", "-p", "http", "-o", "haproxy", "--backend", "web", "--watch"];
    const check = `haproxy -c -q -f ${main} -f {}`;
    const then = `${RELOAD} ${haproxy.pid} && echo reloaded >>${log}`;
    const files = ["--out", web, "--check", check, "--then", then];
    const limits = { signal: over.signal, patienceMs: FOR_EVER_MS, env: { PATH } };
    const following = theseus(server, [...args, ...files], limits);
    const stop = async (): Promise<void> => {
      over.abort();
      await following;
      await haproxy.stop();
    };
    const reloads = async (): Promise<number> => (await readFile(log, "utf8")).split("\n").length - 1;
    const isFull = async () => (await readFile(web, "utf8")).split("\n  server ").length === count + 1;
    try {
      await until("HAProxy to have its servers", async () => (await isFull()) && (await reloads()) > 0);
    } catch (error) {
      await stop();
      throw new Error(`${haproxy.stderr}\n${(await following).stderr}`, { cause: error });
    }
    return new Balancer(port, reloads, stop);
  }
}
