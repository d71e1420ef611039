// A bare grpc-js server that answers each Lookup with the same bytes, ready or encoded for each call: `bare-server.ts
// FILE ready|encoded OPTIONS`. Prints its port on its first line. Ends with its process.

import { readFileSync } from "node:fs";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import {
  DiscoveryServiceService,
  type LookupRequest,
  LookupResponse,
} from "../../../clients/gen/theseus/v1/discovery_service.js";

const [file = "", kind = "", options = "{}"] = process.argv.slice(2);
const ready = readFileSync(file);
const message = LookupResponse.decode(ready);
const { lookup } = DiscoveryServiceService;

const server = new Server(JSON.parse(options));
if (kind === "ready") {
  const definition = { ...lookup, responseSerialize: (bytes: Buffer) => bytes };
  const handler = (_: ServerUnaryCall<LookupRequest, Buffer>, done: sendUnaryData<Buffer>) => done(null, ready);
  server.addService({ lookup: definition }, { lookup: handler });
} else {
  const handler = (_: ServerUnaryCall<LookupRequest, LookupResponse>, done: sendUnaryData<LookupResponse>) =>
    done(null, message);
  server.addService({ lookup }, { lookup: handler });
}
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`${port}\n`);
});
