import { describe, expect, it } from "@jest/globals";
import { idleAddress } from "../../../src/start/bridge.js";

const ROUTES = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
`;
const TRIE = `Main:
  +-- 0.0.0.0/0 3 0 4
     +-- 172.17.0.0/16 2 0 2
        |-- 172.17.0.0
           /16 link UNICAST
        |-- 172.17.0.1
           /32 host LOCAL
        |-- 172.17.255.255
           /32 link BROADCAST
     +-- 192.0.2.0/24 2 0 2
        |-- 192.0.2.2
           /32 host LOCAL
`;

describe("the address of a bridge without carrier", () => {
  it("is this machine's own address in the bridge's subnet", () => {
    expect(idleAddress(ROUTES, TRIE)).toBe("172.17.0.1");
    expect(idleAddress(ROUTES, TRIE.replaceAll("172.17", "172.18"))).toBeUndefined();
  });

  it("is not known where there is no such bridge, or no such tables", () => {
    expect(idleAddress(ROUTES.replace("docker0", "br-1"), TRIE)).toBeUndefined();
    expect(idleAddress("", "")).toBeUndefined();
  });
});
