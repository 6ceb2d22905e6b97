import type { MemberState } from '../../fleet/state.js';
import { percent, table } from '../table.js';

export interface InstanceView {
  readonly name: string;
  readonly file: string;
  readonly socket: string;
  /** `silent`: its process runs, and does not answer. `ended`: its process is gone, and nobody starts it again. */
  readonly state: MemberState | 'silent' | 'ended';
  readonly pid: number | null;
  /** Null where it does not answer. */
  readonly ports: { readonly open: number; readonly failed: number; readonly linkDown: number } | null;
  /** Of a core, of all threads. */
  readonly cpuShare: number;
  readonly residentBytes: number;
  readonly hugepageBytes: number;
  readonly uptimeS: number;
  readonly restarts: number;
  /** A signal or an exit code. */
  readonly lastEnd: string | null;
}

export interface FleetView {
  readonly directory: string;
  /** Null: it was killed, and instances that end are not started again. */
  readonly supervisor: number | null;
  readonly instances: readonly InstanceView[];
}

const head = ['NAME', 'PID', 'STATE', 'PORTS', 'CPU', 'MEMORY', 'HUGEPAGES', 'UPTIME', 'RESTARTS', 'LAST END'];
const right = ['PID', 'CPU', 'MEMORY', 'HUGEPAGES', 'UPTIME', 'RESTARTS'];

export const renderFleets = (fleets: readonly FleetView[]): string => fleets.map(renderFleet).join('\n\n');

function renderFleet({ directory, supervisor, instances }: FleetView): string {
  const who = supervisor === null ? 'its supervisor was killed' : `supervisor ${supervisor}`;
  const cpu = instances.reduce((sum, { cpuShare }) => sum + cpuShare, 0);
  const rows = instances.map((one) => [
    one.name,
    one.pid === null ? '-' : String(one.pid),
    one.state,
    portsText(one.ports),
    percent(one.cpuShare),
    mib(one.residentBytes),
    mib(one.hugepageBytes),
    duration(one.uptimeS),
    String(one.restarts),
    one.lastEnd ?? '-',
  ]);
  return `${directory}: ${who}, ${percent(cpu)} of a core in all\n${table(head, rows, right)}`;
}

function portsText(ports: InstanceView['ports']): string {
  if (!ports) return '-';
  const { open, failed, linkDown } = ports;
  const notes = [failed > 0 ? `${failed} failed` : '', linkDown > 0 ? `${linkDown} link down` : ''].filter(Boolean);
  return [`${open} open`, ...notes].join(', ');
}

const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.floor(seconds)}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
