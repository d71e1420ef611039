// Throw-away certificates for an etcd that wants TLS from its clients, made with the openssl command.

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export type CertificateFiles = { readonly ca: string; readonly cert: string; readonly key: string };

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Writes ca.crt, etcd.crt and etcd.key for 127.0.0.1 into the folder; good for a server and for a client. */
export async function makeCertificates(folder: string): Promise<CertificateFiles> {
  const ca = ["-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=test ca"];
  await run("openssl", ["req", "-x509", ...NEW_KEY, ...ca], { cwd: folder });
  return await signCertificate(folder, "IP:127.0.0.1,DNS:localhost");
}

/** Writes etcd.crt and etcd.key anew, for these names ("IP:127.0.0.1,DNS:localhost"), of the authority in the folder. */
export async function signCertificate(folder: string, names: string): Promise<CertificateFiles> {
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => run("openssl", args, { cwd: folder });
  await openssl("req", ...NEW_KEY, "-keyout", "etcd.key", "-out", "etcd.csr", "-subj", "/CN=etcd");
  await writeFile(at("san.txt"), `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`);
  const sign = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "san.txt", "-days", "2"];
  await openssl("x509", "-req", "-in", "etcd.csr", "-out", "etcd.crt", ...sign);
  return { ca: at("ca.crt"), cert: at("etcd.crt"), key: at("etcd.key") };
}

/** The same as PEM texts. */
export async function readCertificates(files: CertificateFiles): Promise<CertificateFiles> {
  const [ca, cert, key] = await Promise.all([files.ca, files.cert, files.key].map((file) => readFile(file, "utf8")));
  return { ca: ca ?? "", cert: cert ?? "", key: key ?? "" };
}
