// Loaded into a server before all else, for the control: whoever writes to a stream is never told to wait, and nobody is
// cut off for not answering a ping, which would free what waits. The rest of the server is as it is.

import { createRequire } from "node:module";

const library = createRequire(import.meta.url);
const { ServerWritableStreamImpl } = library("@grpc/grpc-js/build/src/server-call.js");
const { Server } = library("@grpc/grpc-js/build/src/server.js");
const NEVER = 2 ** 31 - 1;

const { write } = ServerWritableStreamImpl.prototype;
ServerWritableStreamImpl.prototype.write = function (...all) {
  write.apply(this, all);
  return true;
};

const { bindAsync } = Server.prototype;
Server.prototype.bindAsync = function (...all) {
  this.keepaliveTimeMs = NEVER;
  return bindAsync.apply(this, all);
};
