// Sends one case to a server over grpc-js, and says how it ended. A stream is read to its first message and ended.

import { Client, type ClientReadableStream, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ErrorInfo } from "../../../clients/gen/google/rpc/error_details.js";
import { Status } from "../../../clients/gen/google/rpc/status.js";
import type { Case } from "./cases.js";

export type Outcome = {
  /** "OK", "INVALID_ARGUMENT"; "MESSAGE" when a stream began. */
  readonly code: string;
  readonly text: string;
  /** ErrorInfo.reason; empty when there is none. */
  readonly reason: string;
  readonly milliseconds: number;
  /** The answer, or the stream's first message. */
  readonly answer: Buffer | undefined;
};

const WAITS_MS = 300;
const LONGEST_MS = 10_000;
const same = (bytes: Buffer): Buffer => bytes;

export class Caller {
  readonly #client: Client;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  }

  /** Never rejects: no answer is an outcome too. */
  async send({ method: { path, streams }, bytes, waits }: Case): Promise<Outcome> {
    const begun = performance.now();
    const deadline = Date.now() + (waits ? WAITS_MS : LONGEST_MS);
    const end = streams ? await this.#first(path, bytes, deadline) : await this.#unary(path, bytes, deadline);
    const milliseconds = performance.now() - begun;
    if (Buffer.isBuffer(end))
      return { ...{ code: streams ? "MESSAGE" : "OK", text: "", reason: "" }, milliseconds, answer: end };
    if (end === undefined) return { ...{ code: "OK", text: "", reason: "" }, milliseconds, answer: undefined };
    return { code: status[end.code], text: end.details, reason: reasonOf(end), milliseconds, answer: undefined };
  }

  close(): void {
    this.#client.close();
  }

  #unary(path: string, bytes: Buffer, deadline: number): Promise<Buffer | ServiceError> {
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(path, same, same, bytes, new Metadata(), { deadline }, (error, answer) =>
        resolve(error ?? answer ?? Buffer.alloc(0)),
      );
    });
  }

  #first(path: string, bytes: Buffer, deadline: number): Promise<Buffer | ServiceError | undefined> {
    const call: ClientReadableStream<Buffer> = this.#client.makeServerStreamRequest(path, same, same, bytes, {
      deadline,
    });
    return new Promise((resolve) => {
      call.on("data", (message: Buffer) => {
        resolve(message);
        call.cancel();
      });
      call.on("error", (error: ServiceError) => resolve(error));
      call.on("end", () => resolve(undefined));
    });
  }
}

function reasonOf({ metadata }: ServiceError): string {
  const [bytes] = metadata.get("grpc-status-details-bin");
  if (!Buffer.isBuffer(bytes)) return "";
  const info = Status.decode(bytes).details.find(({ typeUrl }) => typeUrl.endsWith("/google.rpc.ErrorInfo"));
  return info === undefined ? "" : ErrorInfo.decode(info.value).reason;
}
