import { CATALOG_RANGE } from "../../src/etcd/keys.js";
import { rangeAll } from "../../src/etcd/ranges.js";
import { containerRecords, followRange, onEtcd } from "./raw-etcd.js";
await onEtcd(async ({ wire, raw }) => {
  for (let w = 0; w < 2; w++) for (let at = 0; at < 10000; at += 50) await wire.txn([], Array.from({ length: 50 }, (_, i) => containerRecords(at + i)).flat());
  const end = Buffer.from(CATALOG_RANGE.end ?? "");
  const plain = async () => { const kvs: object[] = []; let [key, revision] = [Buffer.from(CATALOG_RANGE.key), "0"]; for (let more = true; more; ) { const page = await raw.kv.range({ key, range_end: end, limit: 2000, revision }); kvs.push(...page.kvs); key = Buffer.concat([page.kvs.at(-1)?.key ?? key, Buffer.of(0)]); revision = page.header.revision; more = page.more; } return kvs; };
  const loop = async () => { const stop = new AbortController(); for await (const item of followRange(wire, CATALOG_RANGE, stop.signal)) { stop.abort(); return item; } };
  const list = async () => rangeAll(wire, CATALOG_RANGE);
  const cpu: Record<string, number[]> = { plain: [], loop: [], list: [] };
  const wall: Record<string, number[]> = { plain: [], loop: [], list: [] };
  for (let i = 0; i < 40; i++) for (const [n, f] of [["plain", plain], ["loop", loop], ["list", list]] as const) { const c = process.cpuUsage(); const t = performance.now(); await f(); const d = process.cpuUsage(c); cpu[n]!.push((d.user + d.system) / 1000); wall[n]!.push(performance.now() - t); }
  const med = (a: number[]) => [...a].sort((x, y) => x - y)[a.length >> 1]!.toFixed(1);
  const lo = (a: number[]) => [...a].sort((x, y) => x - y)[a.length >> 3]!.toFixed(1);
  for (const n of ["plain", "loop", "list"]) console.log(n, "cpu med", med(cpu[n]!), "p12", lo(cpu[n]!), "wall med", med(wall[n]!), "p12", lo(wall[n]!));
});
process.exit(0);
