import test from 'ava';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { plugged } from '../../../support/plugin-host.js';
import { root } from '../../../support/source-tree.js';

/** Options with which each does something; of those that are not named its own defaults. */
const options: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'dns-filter': { blocked: ['ads.example'] },
  'floating-ip': { addresses: [{ inside: '10.1.0.12', outside: '10.1.0.212' }] },
  'port-mirror': { to: { port: 'r2' } },
  'rate-limit': { limits: [{ direction: 'out', rate: 1000 }] },
  'security-groups': { groups: { all: { members: ['vm1', 'vm2'], egress: [{}], ingress: [{ remoteGroup: 'all' }] } } },
  'source-nat': { outside: ['10.1.0.100-10.1.0.101'] },
};
const folder = join(root, 'src/plugins/builtin');
const names = readdirSync(folder).filter((name) => readdirSync(join(folder, name)).includes('plugin.ts'));

test('each says what it is, and all of them run together in the process of a tenant', async (t) => {
  t.true(names.length >= 8);
  for (const name of names) t.true(readdirSync(join(folder, name)).includes('README.md'), name);
  const { record, until, rules } = await plugged(
    t,
    names.map((name) => ({ name, options: options[name] ?? {} })),
  );
  await until('all run', () => names.every((name) => record(name).state === 'running'));
  for (const name of names) t.true(rules(name).length > 0, name);
});
