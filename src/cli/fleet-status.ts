import { setTimeout as sleep } from 'node:timers/promises';
import { allFleets, readFleetState, type FleetState, type MemberRecord } from '../fleet/state.js';
import { isAlive } from '../process/marks.js';
import { memoryOf, ranNs } from '../process/usage.js';
import { Client } from './client.js';
import { ExitCode, type Io } from './io.js';
import { renderFleets, type FleetView, type InstanceView } from './view/fleet-view.js';

/** CPU time is of so long. */
const windowMs = 1000;

/** @throws ExitCode 1 where an instance is not up, or there is no fleet. */
export async function fleetStatus(directory: string | undefined, json: boolean, io: Io): Promise<void> {
  const states = directory === undefined ? allFleets() : [readFleetState(directory)].filter((state) => state !== undefined);
  const fleets = await Promise.all(states.map(viewOf));
  const where = directory === undefined ? '' : ` of ${directory}`;
  io.out(json ? JSON.stringify({ fleets }) : renderFleets(fleets) || `no fleet${where} runs here`);
  const isSound = fleets.length > 0 && fleets.every(({ instances }) => instances.every(({ state }) => state === 'up'));
  if (!isSound) throw new ExitCode(1);
}

async function viewOf({ directory, supervisor, members }: FleetState): Promise<FleetView> {
  return {
    directory,
    supervisor: isAlive(supervisor) ? supervisor.pid : null,
    instances: await Promise.all(members.map(instanceOf)),
  };
}

async function instanceOf(record: MemberRecord): Promise<InstanceView> {
  const { name, file, socket, restarts, startedAt, lastEnd } = record;
  const common = { name, file, socket, restarts, lastEnd: lastEnd ?? null };
  const none = { pid: null, ports: null, cpuShare: 0, residentBytes: 0, hugepageBytes: 0, uptimeS: 0 };
  const { process: mark } = record;
  // A supervisor that was killed cannot say how its instances ended.
  if (!mark || !isAlive(mark)) return { ...common, ...none, state: mark ? 'ended' : record.state };
  const { pid } = mark;
  const [cpuShare, ports] = await Promise.all([cpuShareOf(pid), portsOf(socket)]);
  const state = record.state === 'up' && !ports ? 'silent' : record.state;
  const { residentBytes = 0, hugepageBytes = 0 } = memoryOf(pid) ?? {};
  const uptimeS = (Date.now() - startedAt) / 1000;
  return { ...common, state, pid, ports, cpuShare, residentBytes, hugepageBytes, uptimeS };
}

/** Of one core. */
async function cpuShareOf(pid: number): Promise<number> {
  const before = ranNs(pid);
  const at = performance.now();
  await sleep(windowMs);
  return Math.max(0, ranNs(pid) - before) / ((performance.now() - at) * 1e6);
}

async function portsOf(socket: string): Promise<InstanceView['ports']> {
  const client = new Client({ socket });
  try {
    return ((await client.get('/v1/health')) as { ports: NonNullable<InstanceView['ports']> }).ports;
  } catch {
    return null;
  } finally {
    await client.close();
  }
}
