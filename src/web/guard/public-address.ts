import { BlockList, isIPv4, isIPv6 } from "node:net";

/**
 * IPv4 blocks that are not the public internet: IANA's registry of special-purpose addresses (RFC 6890 and its updates),
 * multicast, what is reserved, and the address at which Azure's machines reach their host.
 */
const closedV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "192.175.48.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "168.63.129.16/32",
];

/** Of IPv6, only global unicast (RFC 4291) is public, without Teredo and its like, documentation addresses and 6to4. */
const openV6 = "2000::/3";
const closedV6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/**
 * Makes the function that says whether an address belongs to the public internet. IPv6 addresses that stand for an IPv4
 * one (mapped, NAT64) are judged by that one. Whatever is no address is not public.
 */
export function createAddressCheck(): (address: string) => boolean {
  const v4 = blockList(closedV4, "ipv4");
  const open = blockList([openV6], "ipv6");
  const v6 = blockList(closedV6, "ipv6");
  const isPublicV4 = (address: string): boolean => !v4.check(address, "ipv4");
  return (address) => {
    if (isIPv4(address)) return isPublicV4(address);
    if (!isIPv6(address) || address.includes("%")) return false;
    const groups = groupsOf(address);
    const prefix = groups.slice(0, 6).join(":");
    if (prefix === "0:0:0:0:0:ffff" || prefix === "64:ff9b:0:0:0:0") return isPublicV4(lastV4(groups));
    // ISATAP (RFC 5214) hides an IPv4 address behind any prefix.
    if (groups[5] === "5efe" && (groups[4] === "0" || groups[4] === "200")) return false;
    return open.check(address, "ipv6") && !v6.check(address, "ipv6");
  };
}

/** One spelling for each address: IPv4 also where it is written as a mapped IPv6 address. */
export function canonicalAddress(address: string): string {
  if (!isIPv6(address)) return address;
  const groups = groupsOf(address.replace(/%.*$/, ""));
  return groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff" ? lastV4(groups) : groups.join(":");
}

function blockList(blocks: readonly string[], family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [network = "", bits = ""] = block.split("/");
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}

/** The eight groups of an IPv6 address, lower case, without leading zeros. */
function groupsOf(address: string): string[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const pair = (high = "", low = ""): string => (Number(high) * 256 + Number(low)).toString(16);
  const spelled = dotted ? `${dotted[1]}${pair(dotted[2], dotted[3])}:${pair(dotted[4], dotted[5])}` : address;
  const [head = "", tail] = spelled.toLowerCase().split("::");
  const split = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const before = split(head);
  const after = split(tail ?? "");
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...new Array<string>(zeros).fill("0"), ...after].map((group) => parseInt(group, 16).toString(16));
}

function lastV4(groups: readonly string[]): string {
  return groups
    .slice(6)
    .map((group) => parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 255])
    .join(".");
}
