import type { FlowListView } from '../../../src/api/schemas/flows.js';
import type { NetworkConfig, TenantConfig, VswitchConfig } from '../../../src/config/schema.js';
import { parseOfctl } from '../../../src/flow/syntax/ofctl.js';
import { outcomeOf, type Outcome } from '../../../src/lab/command.js';
import { inside, type LabHost } from '../../../src/lab/plan.js';
import type { TestLab } from './lab.js';

/** Two machines of tenant red, the router before their switch, and who is behind that. */
export interface Site {
  readonly lab: TestLab;
  readonly vm: LabHost;
  readonly neighbour: LabHost;
  readonly router: LabHost;
  readonly farHost: LabHost;
}

/** Cookies of the flows that drop what is denied, and what is invalid. */
export const [denied, invalid] = [0xd, 0xe];

/** Flows in ovs-ofctl's syntax, one a line. */
export const flowsOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => parseOfctl(line));

/** The lab's config with strict tracking, and for tenant red another network. */
export function tracking(config: VswitchConfig, network: NetworkConfig, more: Partial<TenantConfig> = {}): VswitchConfig {
  const red = config.tenants!['red']!;
  return {
    ...config,
    conntrack: { entries: 4096, tcp: { loose: false, checkWindow: true } },
    tenants: { ...config.tenants, red: { ...red, networks: [...red.networks!, network], ...more } },
  };
}

export const http = (from: LabHost, url: string, seconds: number, ...options: string[]): Promise<Outcome> =>
  outcomeOf(
    inside(from.namespace, 'curl', '--silent', '--show-error', '--globoff', '--max-time', String(seconds), ...options, url),
  );

export const pings = (from: LabHost, address: string, ...options: string[]): Promise<Outcome> =>
  outcomeOf(inside(from.namespace, 'ping', '-n', '-W', '1', ...options, address));

export const addFlows = ({ client }: TestLab, flows: ReturnType<typeof flowsOf>): Promise<unknown> =>
  client.send('PATCH', '/v1/tenants/red/flows', { operations: flows.map((flow) => ({ op: 'add', flow })) });

/** Packets that tenant red's flow with this cookie has dropped. */
export async function droppedBy({ client }: TestLab, cookie: number): Promise<number> {
  const { flows } = (await client.get('/v1/tenants/red/flows')) as FlowListView;
  return Number(flows.find(({ flow }) => Number(flow.cookie) === cookie)?.packets);
}
