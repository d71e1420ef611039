// Images made on the spot through the engine's import API, so that no registry is needed: a web server of static
// busybox that says who it is, and this machine's node with its libraries.

import { execFile, spawn } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, readlink, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { engineRequest } from "./engine-api.js";

const run = promisify(execFile);

export type ImageOptions = {
  /** Told by every answer of the web server. */
  readonly version?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Absent: the web server. */
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  /** A HEALTHCHECK run by the shell, each second. */
  readonly healthcheck?: string;
  readonly user?: string;
  /** More files, by absolute path. */
  readonly files?: Readonly<Record<string, string>>;
  /** More lines as in a Dockerfile. */
  readonly changes?: readonly string[];
};

/**
 * GET / answers {"container","version","hostname"}: CONTAINER_NAME and VERSION of the environment. GET /healthz answers
 * "ok" as long as /tmp/www/healthz is there. HTTP_PORT [8080], START_DELAY in seconds [0]. Ends at once on SIGTERM, also
 * as first process.
 */
const SERVE = `#!/bin/sh
trap 'kill $! 2>/dev/null; exit 0' TERM INT
sleep "\${START_DELAY:-0}" & wait
mkdir -p /tmp/www
# Whole files only: a second one of these may be reading them already.
put() { cat > "$1.$$" && mv "$1.$$" "$1"; }
printf '{"container":"%s","version":"%s","hostname":"%s"}\\n' "$CONTAINER_NAME" "$VERSION" "$(hostname)" | put /tmp/www/index.json
echo ok | put /tmp/www/healthz
echo 'I:index.json' | put /tmp/httpd.conf
httpd -f -p "\${HTTP_PORT:-8080}" -h /tmp/www -c /tmp/httpd.conf & wait
`;

/** Makes the image and gives its id. */
export async function importBusyboxImage(socket: string, tag: string, options: ImageOptions = {}): Promise<string> {
  return await inFolder(async (folder) => {
    const { stdout } = await run("/bin/busybox", ["--list"]);
    await mkdir(join(folder, "bin"));
    await mkdir(join(folder, "tmp"));
    await chmod(join(folder, "tmp"), 0o1777);
    await copyFile("/bin/busybox", join(folder, "bin/busybox"));
    const applets = stdout.split("\n").filter((name) => name !== "" && name !== "busybox");
    await Promise.all(applets.map((name) => symlink("busybox", join(folder, "bin", name))));
    await writeFile(join(folder, "serve.sh"), SERVE, { mode: 0o755 });
    const env = { VERSION: options.version ?? "1", ...options.env };
    return await importFolder(socket, tag, folder, { command: ["/serve.sh"], ...options, env });
  });
}

/** An image whose ENTRYPOINT is this machine's node. */
export async function importNodeImage(socket: string, tag: string, options: ImageOptions = {}): Promise<string> {
  return await inFolder(async (folder) => {
    const node = await realpath(process.execPath);
    const { stdout } = await run("ldd", [node]);
    const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? "");
    await mkdir(join(folder, "tmp"));
    await chmod(join(folder, "tmp"), 0o1777);
    for (const path of libraries) await copyInto(folder, path, path);
    await copyInto(folder, node, "/bin/node");
    return await importFolder(socket, tag, folder, { entrypoint: ["/bin/node"], ...options });
  });
}

export async function removeImage(socket: string, tag: string): Promise<void> {
  await engineRequest(socket, "DELETE", `/images/${tag}?force=1`);
}

async function copyInto(folder: string, from: string, to: string): Promise<void> {
  await mkdir(dirname(join(folder, to)), { recursive: true });
  await copyFile(await realpath(from), join(folder, to));
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(await existing(tmpdir()), "theseus-image-"));
  try {
    await chmod(folder, 0o755);
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function existing(path: string): Promise<string> {
  return await readlink(path).catch(() => path);
}

async function importFolder(socket: string, tag: string, folder: string, options: ImageOptions): Promise<string> {
  for (const [path, content] of Object.entries(options.files ?? {})) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  const [repo = "", version = "latest"] = tag.split(":");
  const query = new URLSearchParams({ fromSrc: "-", repo, tag: version });
  for (const change of changes(options)) query.append("changes", change);
  const archive = spawn("tar", ["-C", folder, "--owner=0", "--group=0", "-c", "."], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const answer = await engineRequest(socket, "POST", `/images/create?${query}`, archive.stdout);
  const id = /sha256:[0-9a-f]{64}/.exec(answer.body)?.[0];
  if (answer.status !== 200 || id === undefined) throw new Error(`the import of ${tag} failed: ${answer.body}`);
  return id;
}

function changes(options: ImageOptions): readonly string[] {
  const { env = {}, command, entrypoint, healthcheck, user, changes: more = [] } = options;
  return [
    ...Object.entries(env).map(([name, value]) => `ENV ${name}=${JSON.stringify(value)}`),
    ...(command === undefined ? [] : [`CMD ${JSON.stringify(command)}`]),
    ...(entrypoint === undefined ? [] : [`ENTRYPOINT ${JSON.stringify(entrypoint)}`]),
    ...(healthcheck === undefined ? [] : [`HEALTHCHECK --interval=1s --timeout=2s --retries=1 CMD ${healthcheck}`]),
    ...(user === undefined ? [] : [`USER ${user}`]),
    ...more,
  ];
}
