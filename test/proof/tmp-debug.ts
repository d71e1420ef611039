import { EngineProxy } from "../support/engine-proxy.js";
import { onStage } from "./stage.js";
await onStage(async (stage) => { await onStage(async (other) => {
  const proxy = await EngineProxy.start();
  const s = await stage.startServer();
  const o = await other.startServer({ dockerSocket: proxy.socket, flags: ["--log-level", "debug"] });
  const g = (image: string) => ({ "web/dev": { image, instances: 3, ports: { http: 8080 }, stop: { grace: "1s" }, update: { min_healthy_time: "500ms" } } });
  await stage.apply(s, g(stage.image));
  await other.apply(o, g(other.image));
  await new Promise((r) => setTimeout(r, 10000));
  console.log(proxy.changes.join("\n"));
  const c = await other.store.clusterId();
  const seen = await stage.engine.containers(["theseus.cluster", c ?? ""]);
  for (const x of seen) console.log(x.name, x.state, ((await stage.engine.json<any>("GET", `/containers/${x.id}/json`)).HostConfig.RestartPolicy));
  console.log(o.child.stderr.split("\n").filter((l) => !l.includes("GetGroup")).join("\n").slice(-5000));
  await other.strike(); await proxy.close();
}); });
process.exit(0);
