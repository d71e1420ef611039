// Names of images: registry, repository, tag, digest. Pure.

export type ImageReference =
  /** An image by the engine's own id; no registry knows it. */
  | { readonly kind: "id"; readonly id: string }
  | {
      readonly kind: "name";
      /** "docker.io" where none is written. */
      readonly registry: string;
      /** As written, without tag and digest. */
      readonly name: string;
      /** With the registry and "library/" that Docker Hub leaves out; for comparing. */
      readonly fullName: string;
      readonly tag?: string;
      readonly digest?: string;
    };

export type NamedImage = Extract<ImageReference, { kind: "name" }>;

const ID = /^(sha256:)?[0-9a-f]{64}$/;
const REFERENCE =
  /^(?<name>[a-zA-Z0-9][a-zA-Z0-9._:/-]*?)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$/;
const REGISTRY = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d{1,5})?$/;

/** Undefined for text that is no reference. */
export function parseImageReference(text: string): ImageReference | undefined {
  if (ID.test(text)) return { kind: "id", id: text.startsWith("sha256:") ? text : `sha256:${text}` };
  const groups = REFERENCE.exec(text)?.groups;
  const name = groups?.["name"];
  if (groups === undefined || name === undefined || text.length > 512) return undefined;
  const { registry, path } = splitRegistry(name);
  if (!REGISTRY.test(registry) || !REPOSITORY.test(path)) return undefined;
  const hub = registry === "docker.io";
  const fullName = `${registry}/${hub && !path.includes("/") ? `library/${path}` : path}`;
  const { tag, digest } = groups;
  return {
    kind: "name",
    registry,
    name,
    fullName,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The first part names a registry only when it looks like a host. */
function splitRegistry(name: string): { registry: string; path: string } {
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  const isHost = first.includes(".") || first.includes(":") || first === "localhost";
  if (!isHost) return { registry: "docker.io", path: name };
  const registry = first === "index.docker.io" ? "docker.io" : first;
  return { registry, path: name.slice(slash + 1) };
}

/** What the engine is asked to pull: without a tag it would pull every tag there is. */
export function pullTag(image: NamedImage): string {
  return image.digest ?? image.tag ?? "latest";
}
