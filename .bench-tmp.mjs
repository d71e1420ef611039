import { spawn } from "node:child_process";
import { TheseusServiceClient } from "./dist/clients/gen/theseus/v1/theseus_service.js";
import { DiscoveryServiceClient } from "./dist/clients/gen/theseus/v1/discovery_service.js";
import { credentials } from "@grpc/grpc-js";
const opts={"grpc.initial_reconnect_backoff_ms":20,"grpc.max_reconnect_backoff_ms":20,"grpc.min_reconnect_backoff_ms":20};
async function one(i){ const port=18000+i*10; const t0=performance.now();
 const p=spawn(process.execPath,["bin/theseus.js","server","start","--etcd","http://127.0.0.1:23911","--listen","127.0.0.1:"+port,"--listen-discovery","off","-o","json"],{stdio:["ignore","pipe","ignore"]});
 let listening; p.stdout.on("data",()=>{listening??=performance.now()-t0});
 const c=new TheseusServiceClient("127.0.0.1:"+port,credentials.createInsecure(),opts);
 const d=new DiscoveryServiceClient("127.0.0.1:"+port,credentials.createInsecure(),opts);
 let first;
 for(;;){ try{ await new Promise((res,rej)=>c.getServerStatus({}, {deadline:Date.now()+5000},(e,r)=>e?rej(e):res(r))); break;}catch(e){ await new Promise(r=>setTimeout(r,5)); } }
 first=performance.now()-t0;
 for(;;){ try{ await new Promise((res,rej)=>d.listServices({namespace:"",allNamespaces:false,pageSize:0,pageToken:""}, {deadline:Date.now()+5000},(e,r)=>e?rej(e):res(r))); break;}catch(e){ await new Promise(r=>setTimeout(r,5)); } }
 const disc=performance.now()-t0; c.close(); d.close(); p.kill("SIGTERM"); await new Promise(r=>p.on("exit",r));
 return [listening,first,disc];
}
const node=()=>new Promise(r=>{const t=performance.now(); spawn(process.execPath,["-e","0"]).on("exit",()=>r(performance.now()-t))});
const base=[],res=[]; for(let i=0;i<7;i++){ base.push(await node()); res.push(await one(i)); }
const med=a=>a.sort((x,y)=>x-y)[a.length>>1];
console.log("node -e 0",med(base).toFixed(0),"listening",med(res.map(r=>r[0])).toFixed(0),"first",med(res.map(r=>r[1])).toFixed(0),"discovery",med(res.map(r=>r[2])).toFixed(0));
