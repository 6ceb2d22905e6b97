import { VswitchError, type Fault } from '../model/errors.js';
import { isWritten, type InstalledFlow } from '../model/flow.js';
import type { Group } from '../model/group.js';
import { ownerKey } from '../model/ids.js';
import { portsNamed } from './every-action.js';
import type { Kept } from './kept.js';
import type { Topology } from './topology.js';

/** @throws VswitchError PORT_IN_USE where a flow or group that somebody wrote names a port that is not there. */
export function refuseOrphans({ portByNumber }: Topology, flows: readonly InstalledFlow[], groups: readonly Kept<Group>[]): void {
  const faults: Fault[] = [];
  const look = (what: string, ports: readonly number[]): void => {
    const gone = ports.find((number) => number !== 0 && !portByNumber.has(number));
    if (gone === undefined) return;
    faults.push({
      pointer: '',
      value: gone,
      message: `${what} names port ${gone}`,
      remedy: `delete that ${what.split(' ', 1)[0] ?? ''} first`,
    });
  };
  for (const { id, owner, band, match, actions } of flows) {
    if (!isWritten(band)) continue;
    look(`flow ${id} of ${ownerKey(owner)}`, [Number(match.get('in_port')?.value ?? 0n), ...portsNamed(actions)]);
  }
  for (const { id, owner, value } of groups) {
    const ports = value.buckets.flatMap(({ watchPort, actions }) => [watchPort ?? 0, ...portsNamed(actions)]);
    look(`group ${id} of ${ownerKey(owner)}`, ports);
  }
  if (faults.length === 0) return;
  throw new VswitchError('PORT_IN_USE', `${faults.length} flows or groups name a port that would be gone`, faults);
}
