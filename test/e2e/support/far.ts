import { must } from '../../../src/lab/command.js';
import { inside, type LabHost, type LabPlan } from '../../../src/lab/plan.js';
import { parseIp, type IpAddress } from '../../../src/model/address.js';

/** Most bytes of a packet on the way from the uplink host to who is behind it; the far end does not know. */
export const narrowMtu = 1280;

/** Makes the uplink host of a lab a router with a machine behind it, which goes when the lab is removed. */
export async function addFarHost({ name, uplinkHost }: LabPlan, switchAddress: string): Promise<LabHost> {
  const router = uplinkHost.namespace;
  const namespace = `${name}-far`;
  const ip = (at: string, ...argv: string[]): Promise<string> => must(inside(at, 'ip', ...argv));
  await must(['ip', 'netns', 'add', namespace]);
  // prettier-ignore
  await ip(router, 'link', 'add', 'far', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
  for (const [at, end, address] of [
    [router, 'far', '203.0.113.1/24'],
    [namespace, 'eth0', '203.0.113.2/24'],
  ] as const) {
    await ip(at, 'address', 'add', address, 'dev', end);
    await ip(at, 'link', 'set', end, 'up');
  }
  await ip(namespace, 'link', 'set', 'lo', 'up');
  await ip(namespace, 'route', 'add', 'default', 'via', '203.0.113.1');
  await must(inside(router, 'sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward'));
  await ip(router, 'route', 'add', '203.0.113.2/32', 'dev', 'far', 'mtu', 'lock', String(narrowMtu));
  await ip(router, 'route', 'replace', 'default', 'via', switchAddress);
  const address = parseIp('203.0.113.2') as IpAddress;
  return { namespace, tenant: undefined, vm: undefined, addresses: [address] };
}
