/** Headers that the parser can read, in the order of their bits (native/packet/headers.h); compared when the addon is loaded. */
export const headerNames = [
  'ethernet_addresses',
  'ether_type',
  'vlan',
  'arp',
  'ipv4',
  'ipv6',
  'transport',
  'neighbour',
  'extensions',
] as const;
export type HeaderName = (typeof headerNames)[number];
