// Listening, and what a refused address means. Which addresses are allowed is the config's to say.

import { isIP } from "node:net";
import { type Server, ServerCredentials } from "@grpc/grpc-js";
import { TheseusError } from "../model/errors.js";

export type ListenAddress = { readonly host: string /** 0: any free one. */; readonly port: number };

/** "127.0.0.1:7700", "[::1]:7700". */
export function formatAddress({ host, port }: ListenAddress): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Resolves to the address with the port that was really bound. NOT_READY when it cannot be, with the reason. */
export function bind(server: Server, address: ListenAddress): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    server.bindAsync(formatAddress(address), ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve({ host: address.host, port });
      else reject(refusedBind(address, error));
    });
  });
}

/** The same four lines for every listener of this server. */
export function refusedBind(address: ListenAddress, error: Error): TheseusError {
  const text = formatAddress(address);
  return new TheseusError("NOT_READY", {
    what: `this server cannot listen on ${text}`,
    why: [whyRefused(address, error)],
    now: "the server was not started; nothing was changed",
    next: nextOf(address, error),
    metadata: { address: text },
    cause: error,
  });
}

function whyRefused({ host, port }: ListenAddress, { message }: Error): string {
  if (message.includes("EADDRINUSE"))
    return `port ${port} of ${host} is taken by another program, maybe another Theseus`;
  if (message.includes("EADDRNOTAVAIL")) return `${host} is no address of this machine`;
  if (message.includes("EACCES")) return `only root may listen on port ${port}`;
  if (/ENOTFOUND|EAI_AGAIN|resol/i.test(message)) return `the name ${host} is not known`;
  return message;
}

function nextOf({ host, port }: ListenAddress, { message }: Error): string[] {
  if (!message.includes("EADDRINUSE")) return ["ip -brief address", "theseus server start --listen 127.0.0.1:7700"];
  return [`ss -ltnp 'sport = :${port}'`, `theseus server start --listen ${formatAddress({ host, port: port + 10 })}`];
}
