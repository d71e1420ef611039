// Where something is reached, as one text. Pure.

/** "10.0.0.1:80", "[fd00::1]:80", with several ports "10.0.0.1:80:81"; without a port the address alone. */
export function hostPort(address: string, ...ports: readonly number[]): string {
  const used = ports.filter((port) => port > 0);
  if (used.length === 0) return address;
  const isBare = address.includes(":") && !address.startsWith("[");
  return [isBare ? `[${address}]` : address, ...used].join(":");
}
