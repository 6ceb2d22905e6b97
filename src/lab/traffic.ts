import type { ChildProcess } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatIp } from '../model/address.js';
import { outcomeOf, start, type Outcome } from './command.js';
import { inside, type Argv, type LabHost } from './plan.js';

const webPort = 8080;
const webScript = fileURLToPath(new URL(`./web${extname(import.meta.url)}`, import.meta.url));
const web = (host: LabHost, ...args: string[]): Argv =>
  inside(host.namespace, process.execPath, ...process.execArgv, webScript, ...args);

/** Of the machine's first address. */
export const addressOf = ({ addresses: [first] }: LabHost): string => (first === undefined ? '' : formatIp(first));

const urlOf = (host: LabHost): string => {
  const [first] = host.addresses;
  return `http://${first?.family === 6 ? `[${addressOf(host)}]` : addressOf(host)}:${webPort}/`;
};

/** Sends `count` echo requests; the outcome's code is 0 only if an answer came. */
export const ping = (from: LabHost, to: LabHost, count = 3): Promise<Outcome> =>
  outcomeOf(inside(from.namespace, 'ping', '-n', '-q', '-c', String(count), '-i', '0.2', '-W', '1', addressOf(to)));

/** Fetches the page of a machine's web server; the outcome's code is 0 only if all of it came. */
export const fetchPage = (from: LabHost, to: LabHost): Promise<Outcome> => outcomeOf(web(from, 'fetch', urlOf(to)));

/** A web server on each of the machines, once they answer there. */
export async function startWebServers(hosts: readonly LabHost[]): Promise<void> {
  for (const host of hosts) start(web(host, 'serve', String(webPort)));
  for (const { namespace } of hosts) await listening(namespace);
}

/** Waits for a listener on the web port; no packet is sent for it. */
async function listening(namespace: string, limitMs = 10_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline) {
    const { text } = await outcomeOf(inside(namespace, 'ss', '-Hltn', `sport = :${webPort}`));
    if (text.includes(`:${webPort}`)) return;
    await sleep(50);
  }
}

/** Light traffic that goes on: ten pings and two pages a second. */
export const startBackground = (from: LabHost, to: LabHost): ChildProcess[] => [
  start(inside(from.namespace, 'ping', '-n', '-q', '-i', '0.1', addressOf(to))),
  start(web(from, 'loop', urlOf(to), '500')),
];
