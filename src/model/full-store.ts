// How to make room in an etcd that has reached its quota, for whoever tells of it.

/** Commands that work as printed, where etcdctl needs no certificate. Revision: up to which history is given up. */
export function roomInEtcd(endpoint: string, revision?: bigint): readonly string[] {
  const ctl = `etcdctl --endpoints=${endpoint}`;
  const newest = `$(${ctl} endpoint status -w json | grep -o '"revision":[0-9]*' | cut -d: -f2)`;
  return [
    `${ctl} compact ${revision ?? newest}`,
    `${ctl} defrag --cluster --command-timeout=60s`,
    `${ctl} alarm disarm`,
    "if it fills again: start etcd with a larger --quota-backend-bytes",
  ];
}
