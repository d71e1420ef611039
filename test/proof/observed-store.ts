// What the store holds, read with etcdctl: keys as text, values as JSON. Shares no code with Theseus.

/** Any store, as etcdctl reaches it. */
export type ReachedStore = { ctl(...args: string[]): Promise<string> };

export type SeenInfo = {
  readonly key: string;
  /** The last part of its container's key. */
  readonly name: string;
  readonly instance_name?: string;
  readonly instance_host?: string;
  readonly port_mappings?: Readonly<Record<string, { readonly external: number }>>;
  readonly state?: string;
};

type RawAnswer = { readonly kvs?: readonly { readonly key: string; readonly value?: string }[] };

export class ObservedStore {
  readonly #etcd: ReachedStore;
  #clusterId: string | undefined;

  constructor(etcd: ReachedStore) {
    this.#etcd = etcd;
  }

  /** Every key that starts with the prefix, with its value as text. */
  async under(prefix: string): Promise<Map<string, string>> {
    const answer = JSON.parse(await this.#etcd.ctl("get", "--prefix", prefix, "-w", "json")) as RawAnswer;
    const text = (base64 = "") => Buffer.from(base64, "base64").toString();
    return new Map((answer.kvs ?? []).map(({ key, value }) => [text(key), text(value)]));
  }

  /** Asked until it is known, since it never changes: the store may be away afterwards. */
  async clusterId(): Promise<string | undefined> {
    if (this.#clusterId !== undefined) return this.#clusterId;
    const record = (await this.under("/theseus/cluster")).get("/theseus/cluster");
    if (record !== undefined) this.#clusterId = (JSON.parse(record) as { cluster_id: string }).cluster_id;
    return this.#clusterId;
  }

  async infos(prefix = "/services/"): Promise<SeenInfo[]> {
    const found = [...(await this.under(prefix))].filter(([key]) => /\/containers\/[^/]+\/info$/.test(key));
    return found.map(([key, value]) => ({ ...(JSON.parse(value) as object), key, name: key.split("/").at(-2) ?? "" }));
  }

  /** Names of the containers that are meant to be. */
  async intents(prefix = "/services/"): Promise<string[]> {
    const keys = [...(await this.under(prefix)).keys()];
    return keys.filter((key) => /\/containers\/[^/]+$/.test(key)).map((key) => key.split("/").at(-1) ?? "");
  }

  async put(key: string, value: string): Promise<void> {
    await this.#etcd.ctl("put", key, value);
  }

  async remove(key: string, ...flags: string[]): Promise<void> {
    await this.#etcd.ctl("del", key, ...flags);
  }
}

/** Calls every address of the record; what is wrong with the answers. */
export async function badAnswers(info: SeenInfo): Promise<string[]> {
  const ports = Object.entries(info.port_mappings ?? {});
  const found = await Promise.all(
    ports.map(async ([port, { external }]) => {
      const url = `http://${info.instance_host}:${external}/`;
      try {
        const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
        const { container } = (await answer.json()) as { container?: string };
        return container === info.name ? [] : [`${info.name} ${port} ${url} is answered by ${container}`];
      } catch (error) {
        return [`${info.name} ${port} ${url}: ${String(error)}`];
      }
    }),
  );
  return found.flat();
}
