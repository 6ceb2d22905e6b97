import test from 'ava';
import { placementsOf, rankOfFlow, steeringOf } from '../../../src/flow/rules.js';
import { parseFlow } from '../../../src/flow/syntax/text.js';
import { formatMatch } from '../../../src/flow/syntax/match-text.js';
import { reachOf } from '../../../src/flow/topology.js';
import { bands, type Flow } from '../../../src/model/flow.js';
import { operator, tenantName, tenantOwner } from '../../../src/model/ids.js';
import { labTopology } from '../../support/topology.js';

const topology = labTopology();
const reach = reachOf(topology, []);
const flow = (inPort?: string) =>
  parseFlow({ match: inPort === undefined ? {} : { in_port: inPort }, actions: [] }, topology, '', []) as Flow;
const numbering = { group: (_: unknown, id: number) => id + 100, meter: (_: unknown, id: number) => id + 200 };
const slots = (inPort: string | undefined, owner = operator) =>
  placementsOf({ ...flow(inPort), owner, band: owner.kind }, topology, reach, numbering).map((placement) => placement.slot);

test("the operator's flows are in every slot whose packets they can match", (t) => {
  t.deepEqual(slots('r1'), [1]);
  t.deepEqual(slots('b1'), [2]);
  t.deepEqual(slots('up'), [0, 1, 2]);
  t.deepEqual(slots(undefined), [0, 1, 2]);
});

test("a tenant's are in its own", (t) => {
  const blue = tenantOwner(tenantName('blue'));
  t.deepEqual(slots(undefined, blue), [2]);
  t.deepEqual(slots('b1', blue), [2]);
});

test('any flow of a higher band outranks those below it', (t) => {
  const ranks = (Object.keys(bands) as (keyof typeof bands)[]).flatMap((band) =>
    [0, 65535].map((priority) => rankOfFlow({ ...flow(), priority, owner: operator, band })),
  );
  t.deepEqual(
    ranks,
    [...ranks].sort((a, b) => a - b),
  );
  t.is(new Set(ranks).size, ranks.length);
});

test("uplink packets are their destination's", (t) => {
  t.deepEqual(
    steeringOf(topology).map(({ slot, rank, match }) => ({ slot, rank, ...formatMatch(match, topology) })),
    [
      { slot: 1, rank: 24, eth_type: 0x0800, ipv4_dst: '10.1.0.0/24' },
      { slot: 1, rank: 64, eth_type: 0x86dd, ipv6_dst: 'fd00:1::/64' },
      { slot: 2, rank: 24, eth_type: 0x0800, ipv4_dst: '10.2.0.0/24' },
      { slot: 2, rank: 64, eth_type: 0x86dd, ipv6_dst: 'fd00:2::/64' },
    ],
  );
});
