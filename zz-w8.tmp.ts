import { fork } from "node:child_process";
import { Client, Server, ServerCredentials, credentials } from "@grpc/grpc-js";
import { createCatalog } from "./src/catalog/catalog.js";
import { createGrpcServer } from "./src/grpc/server.js";
import { systemClock, systemRng } from "./src/system.js";
import { DiscoveryServiceService as D, LookupRequest, WatchRequest } from "./clients/gen/theseus/v1/discovery_service.js";
const role = process.argv[2];
const log: any = { debug() {}, info() {}, warn() {}, error: console.error, child: () => log };
const N = 100;
async function house() {
  let send: any; const q: any[] = [];
  const feed: any = { async *follow() { for (;;) { while (q.length) yield q.shift(); await new Promise((r) => (send = r)); } }, readSlots: async () => undefined, readHosts: async () => [], presentKeys: async () => ({ keys: new Map(), revision: 0n }) };
  const entry = (i: number, rev: bigint, weight = 100): any => ({ key: `k${i}`, modRevision: rev, entry: { kind: "info", ref: { namespace: "default", service: "web", labels: ["dev"], name: `web.dev.${i}.1-abcdef` }, info: { instanceName: "x", instanceHost: "172.17.0.1", instancePort: 20000 + i, portMappings: { http: { external: 20000 + i, exposed: 80, protocol: "tcp" } }, weight, host: "local", state: "ready" } } });
  const catalog = createCatalog(feed, systemClock, log);
  void catalog.run(new AbortController().signal);
  q.push({ kind: "snapshot", entries: Array.from({ length: N }, (_, i) => entry(i, 1n)), cursor: { epoch: "e", revision: 1n } });
  send?.();
  let rev = 1n;
  const change = () => { rev += 1n; q.push({ kind: "delta", put: [entry(0, rev, Number(rev % 900n))], removed: [], cursor: { epoch: "e", revision: rev } }); send?.(); };
  const server = createGrpcServer({ catalog, changes: {} as any, store: {} as any, directory: {} as any, feed, storage: {} as any, election: { leader: async () => "" }, membership: { serverId: "s1", servers: async () => [] }, clock: systemClock, rng: systemRng, log, rules: { allowHostAccess: false }, version: "0", startTime: 0 });
  await catalog.reach(1n, AbortSignal.timeout(5000));
  return { address: await server.listen({ host: "127.0.0.1", port: 0 }), change };
}
async function bare(bytes: Buffer, delta: Buffer) {
  const s = new Server({ "grpc.max_concurrent_streams": 256, "grpc.enable_channelz": 0 } as any);
  const id = (b: Buffer) => b;
  const streams = new Set<any>();
  s.addService({ L: { ...D.lookup, requestSerialize: id, requestDeserialize: id, responseSerialize: id, responseDeserialize: id }, W: { ...D.watch, requestSerialize: id, requestDeserialize: id, responseSerialize: id, responseDeserialize: id } } as any, { L: (_c: any, cb: any) => cb(null, bytes), W: (c: any) => { streams.add(c); c.on("cancelled", () => streams.delete(c)); c.write(bytes); } });
  const port = await new Promise<number>((r) => s.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_e, p) => r(p)));
  return { address: `127.0.0.1:${port}`, change: () => { for (const c of streams) c.write(delta); } };
}
if (role === "server" || role === "bare") {
  const { address, change } = role === "server" ? await house() : await bare(Buffer.from(process.argv[3]!, "hex"), Buffer.from(process.argv[4]!, "hex"));
  process.send!({ address });
  process.on("message", (m: any) => {
    if (m === "cpu") { const u = process.cpuUsage(); (globalThis as any).gc?.(); process.send!({ cpu: u.user + u.system, rss: process.memoryUsage().rss }); }
    if (m === "change") { change(); process.send!({ ok: true }); }
  });
} else {
  const start = (...args: string[]) => new Promise<any>((resolve) => {
    const child = fork(process.argv[1]!, args, { execArgv: ["--no-warnings", "--expose-gc", "--import", "tsx"] });
    child.once("message", (m: any) => resolve({ child, address: m.address, ask: (w: string) => new Promise<any>((r) => { const h = (m: any) => { if (m.cpu !== undefined) { child.off("message", h); r(m); } }; child.on("message", h); child.send(w); }) }));
  });
  const raw = (c: Client) => new Promise<Buffer>((res, rej) => c.makeUnaryRequest(D.lookup.path, D.lookup.requestSerialize, (b: Buffer) => b, LookupRequest.fromPartial({ target: { $case: "group", value: { service: "web", labels: ["dev"] } } } as never), (e, v) => (e ? rej(e) : res(v!))));
  const ours = await start("server");
  const c0 = new Client(ours.address, credentials.createInsecure());
  const bytes = await raw(c0);
  const d = await new Promise<Buffer>((r) => { const s = c0.makeServerStreamRequest(D.watch.path, D.watch.requestSerialize, (b: Buffer) => b, WatchRequest.fromPartial({ target: { $case: "group", value: { service: "web", labels: ["dev"] } } } as never)); let n = 0; s.on("error", () => {}); s.on("data", (b: Buffer) => { if (n++ === 1) { s.cancel(); r(b); } else ours.child.send("change"); }); });
  const plain = await start("bare", bytes.toString("hex"), d.toString("hex"));
  console.log("bytes", bytes.length, "delta", d.length);
  const load = async (who: any, total: number) => {
    const cs = Array.from({ length: 4 }, () => new Client(who.address, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 }));
    const before = await who.ask("cpu"); const t = performance.now(); let left = total;
    await Promise.all(Array.from({ length: 64 }, async (_, i) => { while (left-- > 0) await raw(cs[i % 4]!); }));
    const ms = performance.now() - t; const after = await who.ask("cpu");
    for (const c of cs) c.close();
    return { rps: Math.round(total / ms * 1000), cpuPerCall: Math.round((after.cpu - before.cpu) / total * 10) / 10 };
  };
  for (let r = 0; r < 3; r++) for (const [n, w] of [["ours", ours], ["bare", plain]] as const) console.log(n, await load(w, 10000));
  const W = Number(process.argv[3] ?? 5000);
  for (const [n, w] of [["ours", ours], ["bare", plain]] as const) {
    const before = await w.ask("cpu");
    let first = 0; let got = 0; let done: any;
    const cs = Array.from({ length: Math.ceil(W / 200) }, () => new Client(w.address, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 }));
    const streams = Array.from({ length: W }, (_, i) => { const s = cs[i % cs.length]!.makeServerStreamRequest(D.watch.path, D.watch.requestSerialize, (b: Buffer) => b.length, WatchRequest.fromPartial({ target: { $case: "group", value: { service: "web", labels: ["dev"] } } } as never)); let k = 0; s.on("error", () => {}); s.on("data", () => { if (k++ === 0) first++; else if (++got === W) done?.(); }); return s; });
    while (first < W) await new Promise((r) => setTimeout(r, 20));
    await new Promise((r) => setTimeout(r, 1000));
    const open = await w.ask("cpu");
    const times: number[] = [];
    for (let i = 0; i < 5; i++) { got = 0; const all = new Promise((r) => (done = r)); const t = performance.now(); w.child.send("change"); await all; times.push(Math.round(performance.now() - t)); }
    const after = await w.ask("cpu");
    console.log(n, "watchers", W, "kB each", Math.round((open.rss - before.rss) / W / 102.4) / 10, "ms all", times, "cpu us per delivery", Math.round((after.cpu - open.cpu) / W / 5 * 10) / 10);
    for (const s of streams) s.cancel(); for (const c of cs) c.close();
    await new Promise((r) => setTimeout(r, 1500));
  }
  ours.child.kill(); plain.child.kill(); process.exit(0);
}
