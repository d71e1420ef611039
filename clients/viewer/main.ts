// `theseus viewer`: the page and its gateway, until it is told to end. Also run by `theseus server start` as a child.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Gateway, type GatewayOptions, startGateway } from "./gateway/gateway.js";

export type ViewerOptions = Omit<GatewayOptions, "bundle"> & {
  /** Default: the page that was built with this program. */
  readonly bundle?: string;
};

/** Listens at once, whether or not a server answers. @throws node's own error when it cannot listen. */
export function runViewer(options: ViewerOptions): Promise<Gateway> {
  return startGateway({ ...options, bundle: options.bundle ?? ownBundle() });
}

/** Beside the compiled program, or in the checkout. @throws when the page is not built. */
function ownBundle(): string {
  const places = ["../../viewer/", "../../dist/viewer/"].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const built = places.find((place) => existsSync(`${place}index.html`));
  if (built === undefined) throw new Error("the page of the viewer is not built: make build");
  return built;
}
