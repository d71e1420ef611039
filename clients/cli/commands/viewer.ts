// `theseus viewer`: serves the page until Ctrl-C. Under `theseus server start` it is a child that ends with its parent,
// and says where it listens over the channel to it.

import { hostPort } from "../../host-port.js";
import { allowedHost, listenAddress } from "../../viewer/listen-address.js";
import { runViewer } from "../../viewer/main.js";
import { hasParent, leaveParent, parentGone, tellParent } from "../../viewer/parent.js";
import { type Context, isSet, note, optionalText, textList } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { isObjectFormat } from "../output/listing.js";

const USUAL = "127.0.0.1:7701";

export async function run(context: Context): Promise<ExitCode> {
  const text = optionalText(context, "listen") ?? USUAL;
  const listen = listenAddress(text, isSet(context, "listenInsecurely"));
  const allowHosts = textList(context, "allowHost").map(allowedHost);
  const { io, globals } = context;
  const log = (line: string) => io.stderr.write(`viewer: ${line}\n`);
  const gateway = await runViewer({ server: globals.server, listen, allowHosts, log }).catch((error: unknown) => {
    throw refusedListen(text, error);
  });
  const { host, port } = gateway.address;
  const url = `http://${hostPort(host, port)}`;
  io.stdout.write(isObjectFormat(globals.format) ? `${JSON.stringify({ kind: "Viewer", url })}\n` : `viewer ${url}\n`);
  tellParent({ viewer: hostPort(host, port) });
  if (!hasParent()) note(context, `of the server at ${globals.server}; ctrl-c stops it`);
  await Promise.race([whenAborted(io.interrupted), parentGone()]);
  await gateway.close();
  leaveParent();
  if (!io.interrupted.aborted) return EXIT.ok;
  return io.interrupted.reason === EXIT.terminated ? EXIT.terminated : EXIT.interrupted;
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function refusedListen(text: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  const why = code === "EADDRINUSE" ? "another program listens there already" : message;
  tellParent({ problem: why });
  return new Failure("USAGE", {
    what: `the viewer cannot listen on ${text}`,
    why: [why],
    now: "nothing was started or changed",
    next: ["theseus viewer --listen 127.0.0.1:0     listens on a free port"],
  });
}
