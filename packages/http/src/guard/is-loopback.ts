import { BlockList, isIP } from "node:net";

let loopback: BlockList | undefined;

/** Whether only this computer reaches what listens at a host. A name that is not known here may be any address. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === "localhost") return true;
  const version = isIP(host);
  if (version === 0) return false;
  if (loopback === undefined) {
    loopback = new BlockList();
    // Those of IPv4 that are written in IPv6 are found by it too.
    loopback.addSubnet("127.0.0.0", 8, "ipv4");
    loopback.addAddress("::1", "ipv6");
  }
  return loopback.check(host, version === 4 ? "ipv4" : "ipv6");
}
