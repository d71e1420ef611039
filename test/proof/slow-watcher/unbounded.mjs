// Loaded into a server before all else, for the control: whoever writes to a stream is never told to wait. The rest of
// the server is as it is.

import { createRequire } from "node:module";

const { ServerWritableStreamImpl } = createRequire(import.meta.url)("@grpc/grpc-js/build/src/server-call.js");
const { write } = ServerWritableStreamImpl.prototype;

ServerWritableStreamImpl.prototype.write = function (...all) {
  write.apply(this, all);
  return true;
};
