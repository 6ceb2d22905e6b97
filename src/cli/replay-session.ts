import { checkFile } from '../flow/check-file.js';
import { openReplay, type DataPlaneStart, type ReplaySession } from '../replay/session.js';
import { flowSetFromFile } from './flow-set-input.js';
import type { Io } from './io.js';

/** Options that describe a switch which does not run. */
export interface ReplaySwitch {
  readonly flows?: string;
  readonly ports: readonly string[];
  readonly config?: string;
}

export const portsOption: [string, string, (text: string) => string[], string[]] = [
  '-p, --ports <names>',
  'ports, of one tenant',
  (text) => text.split(','),
  ['p1', 'p2', 'p3', 'p4'],
];
export const configOption = [
  '-c, --config <file>',
  "a switch's config: its ports without their devices, its tenants and flows",
] as const;

/** A data plane has room for some at the least. */
const leastRules = 1024;

/** Opens that switch without workers, devices, hugepages or root, runs `work`, and closes it. */
export async function withReplay(
  { flows, ports, config: file }: ReplaySwitch,
  io: Io,
  start: DataPlaneStart,
  work: (session: ReplaySession) => Promise<void>,
): Promise<void> {
  const config = file === undefined ? undefined : await checkFile(file);
  const set = flows === undefined ? undefined : await flowSetFromFile(flows, io);
  const session = await openReplay({ ports, maxRules: Math.max(leastRules, set?.flows.length ?? 0), config }, start);
  try {
    if (set) await session.load(set);
    await work(session);
  } finally {
    await session.close();
  }
}
