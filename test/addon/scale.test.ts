import test from 'ava';
import { traceView } from '../../src/api/views/trace.js';
import { operator } from '../../src/model/ids.js';
import { openReplay } from '../../src/replay/session.js';
import { maxGroups, maxMeters } from '../../src/switch/options.js';
import { maxTables } from '../../src/config/schema.js';

const opening = openReplay({ ports: ['p1', 'p2'], maxRules: 1024 });
test.after.always(async () => (await opening).close());

test.serial(
  'as many groups and meters as there may be, and a packet that goes through all tables to the last of them',
  async (t) => {
    const { flows, dataPlane } = await opening;
    const lastTable = maxTables - 1;
    await flows.replace(operator, {
      groups: Array.from({ length: maxGroups }, (_, i) => ({
        group: i + 1,
        type: 'all' as const,
        buckets: [{ actions: [{ type: 'output' as const, port: i === maxGroups - 1 ? 'p2' : 'p1' }] }],
      })),
      meters: Array.from({ length: maxMeters }, (_, i) => ({
        meter: i + 1,
        unit: 'pktps' as const,
        bands: [{ type: 'drop' as const, rate: 1000 }],
      })),
      flows: Array.from({ length: maxTables }, (_, table) => ({
        table,
        priority: 9,
        match: { in_port: 'p1' },
        actions:
          table < lastTable
            ? [{ type: 'goto_table' as const, table: table + 1 }]
            : [
                { type: 'meter' as const, meter: maxMeters },
                { type: 'group' as const, group: maxGroups },
              ],
      })),
    });
    t.is((await dataPlane.tableReports()).length, maxTables);
    const { steps, out } = await traceView({ fields: 'in_port=p1,udp' }, dataPlane, flows);
    t.deepEqual(
      steps.map(({ table }) => table),
      Array.from({ length: maxTables }, (_, table) => table),
    );
    t.deepEqual(
      out.map(({ port }) => String(port)),
      ['p2'],
    );
  },
);
