// What every kind of probe is given and gives back.

export type Target = { readonly address: string; readonly port: number };
export type Seen = { readonly passed: boolean; readonly text: string };
