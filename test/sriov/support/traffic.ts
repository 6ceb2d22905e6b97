import { basename, dirname } from 'node:path';
import { busybox } from './cache.js';
import type { Ended } from './guest-program.js';
import type { Lab } from './lab.js';

interface Machine {
  readonly namespace: string;
  readonly address: string;
}

/** Whether a machine has found that an address of its link has a MAC. */
export async function hasGateway(lab: Lab, namespace: string, address: string, mac: string): Promise<boolean> {
  const { out } = await lab.inside(namespace, 'ip', 'neighbour', 'show', address);
  return out.includes(` lladdr ${mac} `);
}

/** Starts a web server on a machine; its page is a program of a megabyte or two. */
export async function serve(lab: Lab, server: Machine): Promise<void> {
  lab.guest.start('ip', 'netns', 'exec', server.namespace, busybox, 'httpd', '-f', '-p', '8080', '-h', dirname(busybox));
  await listening(lab, server, 8080);
}

/** Fetches the page of a server to another machine; code 0 only where all of it came. */
export function fetchPage(lab: Lab, client: Machine, server: Machine): Promise<Ended> {
  const url = `http://${server.address}:8080/${basename(busybox)}`;
  const fetch = `curl -sS --max-time 60 ${url} | cmp - ${busybox}`;
  return lab.inside(client.namespace, 'sh', '-c', fetch);
}

interface Report {
  readonly end: Record<'sum_received' | 'sum_received_bidir_reverse', { readonly bits_per_second: number }>;
}

/** One TCP stream each way at once, for two seconds. @returns Mbit/s as received */
export async function iperf(lab: Lab, client: Machine, server: Machine): Promise<{ sent: number; received: number }> {
  const program = lab.guest.start('ip', 'netns', 'exec', server.namespace, 'iperf3', '--server', '--one-off');
  await listening(lab, server, 5201);
  const how = ['--client', server.address, '--time', '2', '--bidir', '--json'];
  const { code, out, err } = await lab.inside(client.namespace, 'iperf3', ...how);
  await program.kill('SIGKILL');
  if (code !== 0) throw new Error(`iperf3: ${out}${err}`);
  const { end } = JSON.parse(out) as Report;
  const mbps = (of: keyof Report['end']): number => Math.round(end[of].bits_per_second / 1e6);
  return { sent: mbps('sum_received'), received: mbps('sum_received_bidir_reverse') };
}

/** Waits for a listener; no packet is sent for it. */
const listening = (lab: Lab, { namespace }: Machine, port: number): Promise<string> =>
  lab.guest.shell(`
    until ip netns exec ${namespace} ss -Hltn 'sport = :${port}' | grep -q .; do sleep 0.2; done`);
