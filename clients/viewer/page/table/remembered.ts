// The row that a table had its tab stop on, for when one comes back to it.

const rows = new Map<string, string>();

export const rememberedRow = (label: string): string => rows.get(label) ?? "";

export function rememberRow(label: string, id: string): void {
  rows.set(label, id);
}
