import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { dpdkRuntimeDirectory, removeLeftovers } from '../../../src/switch/leftovers.js';

test('what a killed process of this switch left is removed, and nothing else', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vswitch-dpdk-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const stays = ['mts-lab-2', 'mts-lab-b-1', 'mts-lab-x', 'mts-lab-3', 'rte', 'other-1'];
  for (const name of ['mts-lab-1', 'mts-lab-11', ...stays]) mkdirSync(join(directory, name));
  writeFileSync(join(directory, 'mts-lab-3', 'config'), 'in use');
  removeLeftovers('lab', directory, (pid) => pid === 2);
  t.deepEqual(readdirSync(directory).sort(), [...stays].sort());
});

test('without the directory there is nothing to do', (t) => {
  t.notThrows(() => removeLeftovers('lab', '/nonexistent/dpdk'));
});

test('the directory is root’s or the user’s own', (t) => {
  t.is(dpdkRuntimeDirectory({ XDG_RUNTIME_DIR: '/run/user/7' }, 0), '/var/run/dpdk');
  t.is(dpdkRuntimeDirectory({ XDG_RUNTIME_DIR: '/run/user/7' }, 7), '/run/user/7/dpdk');
  t.is(dpdkRuntimeDirectory({}, 7), '/tmp/dpdk');
});
