// The part of the store that is watched, as contracts.md names it, and which keys of it the catalog shows.

export const RANGE = { key: "/namespaces/", end: "/theseus/epochs0" } as const;
export const EPOCHS = "/theseus/epochs/";

export const isCatalogs = (key: string): boolean => key.startsWith("/services/") || key.startsWith("/namespaces/");
