// HOST:PORT, and which hosts only this machine can reach. Pure.

export type Address = { readonly host: string; readonly port: number };

const FORM = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;

/** "127.0.0.1:7700", "[::1]:7700", "localhost:0"; undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  const parts = FORM.exec(text);
  const host = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3]);
  return host === undefined || port > 65535 ? undefined : { host, port };
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
