import type { Fault } from '../../model/errors.js';
import type { Bucket, BucketText, Group, GroupText } from '../../model/group.js';
import { portNumber, type PortNumber } from '../../model/ids.js';
import type { Topology } from '../../model/topology.js';
import { formatActions, portText } from './action-format.js';
import { parseBucketActions } from './action-text.js';
import { findPort } from './value.js';

/**
 * A group in canonical form, or undefined after adding to `faults`. Whether the groups and meters that it names are there is checked
 * where it is installed.
 * @param text as its schema (config/flow-schema.ts) allows.
 * @param pointer of the group in its document.
 */
export function parseGroup(text: GroupText, topology: Topology, pointer: string, faults: Fault[]): Group | undefined {
  const before = faults.length;
  const refuse: Refuse = (at, value, message, remedy) => void faults.push({ pointer: pointer + at, value, message, remedy });
  const { group, type, hash = 'five_tuple' } = text;
  if (text.hash !== undefined && type !== 'select') refuse('/hash', text.hash, 'only a select group has a hash', 'leave it out');
  if (type === 'indirect' && text.buckets.length !== 1)
    refuse('/buckets', text.buckets.length, 'an indirect group has one bucket', 'give one, or make the group one of type "all"');
  const buckets = text.buckets.map((bucket, i): Bucket => {
    const at = `/buckets/${i}`;
    checkBucket(text, bucket, at, refuse);
    return {
      weight: bucket.weight ?? 1,
      watchPort: parseWatchPort(bucket, topology, at, refuse),
      watchGroup: bucket.watch_group,
      actions: parseBucketActions(bucket.actions, topology, `${pointer}${at}/actions`, faults),
    };
  });
  return faults.length === before ? { group, type, hash, buckets } : undefined;
}

type Refuse = (at: string, value: unknown, message: string, remedy: string) => void;

function checkBucket({ group, type }: GroupText, bucket: BucketText, at: string, refuse: Refuse): void {
  const { weight, watch_port: port, watch_group: watched } = bucket;
  if (weight !== undefined && type !== 'select')
    refuse(`${at}/weight`, weight, 'only a bucket of a select group has a weight', 'leave it out');
  if (watched === group)
    refuse(`${at}/watch_group`, watched, 'a bucket cannot watch its own group', 'name another group, or a port');
  const watches = port !== undefined || watched !== undefined;
  if (type === 'ff' && !watches)
    refuse(at, undefined, 'a bucket of a fast-failover group watches something', 'add "watch_port" or "watch_group"');
  if (watches && (type === 'all' || type === 'indirect')) {
    const place = port === undefined ? 'watch_group' : 'watch_port';
    refuse(`${at}/${place}`, bucket[place], `a group of type ${type} does not look at it`, 'leave it out, or use "ff"');
  }
}

function parseWatchPort(
  { watch_port: written }: BucketText,
  topology: Topology,
  at: string,
  refuse: Refuse,
): PortNumber | undefined {
  if (written === undefined) return undefined;
  const port = findPort(written, topology);
  if (port.ok) return portNumber(port.value);
  refuse(`${at}/watch_port`, written, port.fault.message, port.fault.remedy);
  return undefined;
}

/** As people write it; parseGroup gives the same group again. */
export function formatGroup({ group, type, hash, buckets }: Group, topology: Topology): GroupText {
  return {
    group,
    type,
    ...(hash === 'five_tuple' ? {} : { hash }),
    buckets: buckets.map(({ weight, watchPort, watchGroup, actions }) => ({
      ...(weight === 1 ? {} : { weight }),
      ...(watchPort === undefined ? {} : { watch_port: portText(watchPort, topology) }),
      ...(watchGroup === undefined ? {} : { watch_group: watchGroup }),
      actions: formatActions(actions, topology),
    })),
  };
}
