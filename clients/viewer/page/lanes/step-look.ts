// The stretches in a container's life: what each is called in a lane, and what kind it is drawn as. Pure.

export interface StepLook {
  readonly label: string;
  readonly kind: "prepare" | "start" | "check" | "serve" | "leave" | "bad" | "other";
}

const CHECKED: StepLook = { label: "health", kind: "check" };

const LOOKS: ReadonlyMap<string, StepLook> = new Map<string, StepLook>([
  ["assigned", { label: "plan", kind: "prepare" }],
  ["pull", { label: "pull", kind: "prepare" }],
  ["pulling", { label: "pull", kind: "prepare" }],
  ["create", { label: "create", kind: "prepare" }],
  ["creating", { label: "create", kind: "prepare" }],
  ["created", { label: "create", kind: "prepare" }],
  ["start", { label: "start", kind: "start" }],
  ["starting", { label: "start", kind: "start" }],
  ["started", { label: "start", kind: "start" }],
  ["health", { label: "health", kind: "check" }],
  ["check", { label: "health", kind: "check" }],
  ["ready", { label: "serve", kind: "serve" }],
  ["serve", { label: "serve", kind: "serve" }],
  ["serving", { label: "serve", kind: "serve" }],
  ["drain", { label: "drain", kind: "leave" }],
  ["draining", { label: "drain", kind: "leave" }],
  ["stop", { label: "stop", kind: "leave" }],
  ["stopping", { label: "stop", kind: "leave" }],
  ["stopped", { label: "stopped", kind: "leave" }],
  ["unhealthy", { label: "unhealthy", kind: "bad" }],
  ["failed", { label: "failed", kind: "bad" }],
  ["lost", { label: "lost", kind: "bad" }],
]);

/**
 * A word that is not known is shown as it is.
 * @param hasServed false: it has never been ready yet, so that "unhealthy" means that its checks have not passed so far.
 */
export function stepLook(what: string, hasServed = true): StepLook {
  if (what === "unhealthy" && !hasServed) return CHECKED;
  return LOOKS.get(what) ?? { label: what, kind: "other" };
}

interface Step {
  readonly what: string;
  readonly from: number;
}

/** One of these steps that came before has been one of serving. */
export function hasServedBefore(steps: readonly Step[], { from }: Step): boolean {
  return steps.some((one) => one.from < from && stepLook(one.what).kind === "serve");
}
