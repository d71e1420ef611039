// What is shown in the place of a list. Pure.

export interface ListFacts {
  /** Something has come from the gateway. */
  readonly loaded: boolean;
  /** Rows that there are, and those of them that pass the filter. */
  readonly here: number;
  readonly shown: number;
  readonly isFiltered: boolean;
  /** Nothing is known of the fleet, and the server or its store does not answer: then nobody can say that it is empty. */
  readonly isUnread: boolean;
}

export type StandIn = "list" | "reading" | "hidden" | "unread" | "first-run";

export function standIn({ loaded, here, shown, isFiltered, isUnread }: ListFacts): StandIn {
  if (!loaded) return "reading";
  if (shown > 0) return "list";
  if (here > 0 && isFiltered) return "hidden";
  return isUnread ? "unread" : "first-run";
}
