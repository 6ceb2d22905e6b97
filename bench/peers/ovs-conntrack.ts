import { ctZone } from '../rules/connections.js';
import type { ConntrackSettings } from '../subject.js';
import type { Ovs } from './ovs-process.js';

/** Room for connections, and the time-outs of the zone that rules use; before there are rules. */
export async function prepareConntrack({ vsctl, appctl }: Ovs, { entries, timeoutMs }: ConntrackSettings): Promise<void> {
  await appctl('dpctl/ct-set-maxconns', String(entries));
  if (timeoutMs === undefined) return;
  const seconds = Math.ceil(timeoutMs / 1000);
  await vsctl(
    ...['--', '--id=@dp', 'create', 'Datapath', 'datapath_version=0'],
    ...['--', 'set', 'Open_vSwitch', '.', 'datapaths:netdev=@dp'],
  );
  const timeouts = ['udp_first', 'udp_single', 'udp_multiple'].map((name) => `${name}=${seconds}`);
  await vsctl('add-zone-tp', 'netdev', `zone=${ctZone}`, ...timeouts);
}

/** How many there are now. */
export async function connections({ appctl }: Ovs): Promise<number> {
  const text = await appctl('dpctl/ct-get-nconns');
  const count = Number(text);
  if (!Number.isInteger(count)) throw new Error(`not a number of connections: ${text}`);
  return count;
}
