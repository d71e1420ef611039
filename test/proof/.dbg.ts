import { outage } from "./outage.js";
for (let i=0;i<2;i++) { let r = await outage.check("full"); console.log("full", r); }
for (let i=0;i<5;i++) { try { const r = await outage.control(); console.log(r.violations); } catch (e) { console.log("ERR", e); } }
process.exit(0);
