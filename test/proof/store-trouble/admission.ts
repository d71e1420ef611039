// Etcd is there, and does not let this server in, or cannot be trusted by it: certificates, users, permissions.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CertificateFiles, makeCertificates, signCertificate } from "../../support/etcd-certificates.js";
import { freePort } from "../../support/free-port.js";
import type { Trouble } from "./judge.js";
import type { Scene } from "./scene.js";

const LOOK_AT_FILES =
  "look at --etcd-ca, --etcd-cert, --etcd-key and --etcd of the server; it reads them when it starts";
const LOOK_AT_USER = "look at --etcd-user and --etcd-password-file of the server; it reads them when it starts";

/** Before the store has been read once. */
function trouble(name: string, words: string, next: string): Trouble {
  return {
    name,
    refused: { code: "STORE_UNREACHABLE", exit: 10, says: [words, next] },
    status: new RegExp(`^FAIL  store .*does not answer[\\s\\S]*^FAIL  problem .*${words}[\\s\\S]*-> ${next}`, "m"),
    ready: false,
  };
}

/** etcd listens with TLS besides, at two addresses of which its certificate names one. */
export async function certificates(scene: Scene): Promise<void> {
  const { etcd } = scene.stage;
  const [port, folder] = [await freePort(), join(etcd.folder, "others")];
  await mkdir(folder);
  const [own, others] = [await makeCertificates(etcd.folder), await makeCertificates(folder)];
  const urls = [etcd.endpoint, `https://127.0.0.1:${port}`, `https://127.0.0.2:${port}`].join(",");
  const files = [`--cert-file=${own.cert}`, `--key-file=${own.key}`, `--trusted-ca-file=${own.ca}`];
  await etcd.restartWith(`--listen-client-urls=${urls}`, ...files, "--client-cert-auth");
  const flags = (host: string, { cert, key }: CertificateFiles) => [
    "--etcd",
    `https://${host}:${port}`,
    "--etcd-ca",
    own.ca,
    "--etcd-cert",
    cert,
    "--etcd-key",
    key,
  ];
  const refused = trouble("client certificate of another authority", "it refuses our certificate", LOOK_AT_FILES);
  await begin(scene, flags("127.0.0.1", others), refused, async () => {
    const both = join(etcd.folder, "both.crt");
    await writeFile(both, (await Promise.all([own.ca, others.ca].map((file) => readFile(file, "utf8")))).join(""));
    await etcd.restartWith(`--trusted-ca-file=${both}`);
  });
  const mistaken = trouble("server certificate of another name", "its certificate is for other names", LOOK_AT_FILES);
  await begin(scene, flags("127.0.0.2", own), mistaken, () =>
    signCertificate(etcd.folder, "IP:127.0.0.1,IP:127.0.0.2,DNS:localhost"),
  );
}

/** etcd lets nobody in without a name from here on, and is as open as before at the end. */
export async function users(scene: Scene): Promise<void> {
  const { etcd } = scene.stage;
  const known = await scene.startServer();
  await scene.runGroup(known);
  await scene.untouched(async () => {
    await etcd.ctl("user", "add", "root:s3cret");
    await etcd.ctl("user", "grant-role", "root", "root");
    await etcd.ctl("auth", "enable");
    etcd.signIn("root", "s3cret");
    const password = join(etcd.folder, "password");
    await writeFile(password, "right\n");
    const flags = (name: string) => ["--etcd-user", name, "--etcd-password-file", password];
    const add = (name: string, word: string) => etcd.ctl("user", "add", `${name}:${word}`);
    const mayAll = (name: string) => etcd.ctl("user", "grant-role", name, "root");
    await add("theseus", "other");
    const refused = trouble("wrong password", "it refuses the user or the password", LOOK_AT_USER);
    await begin(scene, flags("theseus"), refused, async () => {
      await etcd.ctl("user", "delete", "theseus");
      await add("theseus", "right");
      await mayAll("theseus");
    });
    await add("small", "right");
    const small = trouble("missing permission", "the user may not do that", "etcdctl role grant-permission");
    await begin(scene, flags("small"), small, () => mayAll("small"));
    const nameless = trouble("no user", "it wants a user and a password", LOOK_AT_USER);
    await scene.suffer(known, { ...nameless, ready: undefined }, () => etcd.ctl("auth", "disable"));
  });
}

/** A server that begins in trouble. */
async function begin(
  scene: Scene,
  flags: readonly string[],
  one: Trouble,
  mend: () => Promise<unknown>,
): Promise<void> {
  const server = await scene.startServer(flags);
  await scene.suffer(server, one, mend);
  await server.child.stop();
}
