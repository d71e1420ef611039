// What the page of all keys says.

export const KEY_HELP: readonly (readonly [keys: string, what: string])[] = [
  ["g then o g c h r l d e", "overview, groups, containers, hosts, rollouts, logs, discovery, events"],
  ["/  Ctrl F", "filter; Esc goes back to where you were"],
  ["Ctrl K", "go to any service, group, container or host; copy any command"],
  ["j k ↓ ↑", "next and previous row"],
  ["Enter", "open the row; in a log: go to the times of its lines, which are links to them"],
  ["Esc", "up: to the list that this was opened from"],
  ["[ ]", "previous and next tab"],
  ["Space", "choose the row, where rows can be chosen"],
  ["*", "keep the group at the top of the list, and let it go"],
  ["s", "sort by the next column"],
  [".", "sort anew: take the order that was held still"],
  ["l", "logs of the row"],
  ["y", "copy the command line for the row"],
  ["p", "hold the page still, and go on"],
  ["t", "dark or light"],
  ["?", "this page"],
];

export const FILTER_HELP: readonly (readonly [term: string, what: string])[] = [
  ["prod", "has the label; prod web=1 has both"],
  ["!canary", "does not have it"],
  ["dev|staging", "has either"],
  ["svc:web ns:shop", "of a service, in a namespace; svc:web* for all that begin so"],
  ["host:node-b", "runs on a host"],
  ["state:failing", "is in a state"],
  ["rev:41 image:2.4", "of a config revision; the image's name contains it"],
  ["port:31002", "is reached by that port"],
  ['"some text"', "is anywhere in names, images, reasons"],
  ["~prod", "a term that is switched off"],
];
