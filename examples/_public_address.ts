// Decides whether an IP address is public.

import { BlockList, isIP } from "node:net";

function createList(networks: string): BlockList {
  const list = new BlockList();
  for (const network of networks.split(" ")) {
    const [address, prefix] = network.split("/") as [string, string];
    const family = isIP(address) === 4 ? "ipv4" : "ipv6";
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

// Outside of this range, IPv6 has private and local addresses, and embedded IPv4 addresses.
const GLOBAL = createList("2000::/3");
// Ranges that IANA reserves: loopback, private networks, link-local addresses, carrier
// networks, benchmarks, documentation, old tunnels and multicast. The last address looks
// public, but Azure's machines ask it for their own secrets.
const SPECIAL = createList(
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 " +
    "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 " +
    "203.0.113.0/24 224.0.0.0/3 2001::/23 2001:db8::/32 2002::/16 3fff::/20 " +
    "168.63.129.16/32",
);

/** Whether an IP address is reachable from the whole internet. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !SPECIAL.check(address, "ipv4");
  return isIP(address) === 6 && GLOBAL.check(address, "ipv6") &&
    !SPECIAL.check(address, "ipv6");
}
