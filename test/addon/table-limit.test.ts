import test from 'ava';
import { VswitchError } from '../../src/model/errors.js';
import { openReplay } from '../../src/replay/session.js';
import { loadAddon } from '../../src/switch/binding.js';
import { switchOptions } from '../../src/switch/options.js';
import { Switch } from '../../src/switch/switch.js';

// Tables of at most 1 MiB each.
const opening = openReplay({ ports: ['p1', 'p2'], maxRules: 65_536 }, (config) =>
  Switch.start(loadAddon(), { ...switchOptions(config), cores: [], tableMib: 1 }),
);
test.after.always(async () => (await opening).close());

const hosts = (count: number) => ({
  flows: Array.from({ length: count }, (_, i) => ({
    match: { eth_type: 2048, ipv4_dst: `10.0.${i >> 8}.${i & 255}` },
    actions: [{ type: 'output', port: 'p2' } as const],
  })),
});

test.serial('flows that need more memory than their table may have are refused with the need, and nothing changes', async (t) => {
  const { load, flows, dataPlane } = await opening;
  await load(hosts(10_000));
  const { generation } = flows;
  const [before] = await dataPlane.tableReports();
  const error = await t.throwsAsync(load(hosts(40_000)), { instanceOf: VswitchError });
  t.is(error.code, 'LIMIT_EXCEEDED');
  t.is(error.message, 'slot 1, table 0: the table would need 2 MiB of memory, and may have 1');
  t.is(error.faults[0]?.pointer.startsWith('/flows/'), true);
  t.regex(error.faults[0]?.remedy ?? '', /tableMib/);
  t.is(flows.generation, generation);
  t.is(flows.list().length, 10_000);
  t.deepEqual((await dataPlane.tableReports())[0], before);
  await load(hosts(10_001));
  t.is(flows.list().length, 10_001);
  await load({ flows: [] });
  t.deepEqual(await dataPlane.tableReports(), []);
});
