import test from 'ava';
import { buildEnvironment } from '../../../src/setup/sqlite.mjs';

test('headers that came with Node are used, and nothing is downloaded then', (t) => {
  const looked: string[] = [];
  const found = buildEnvironment('/opt/node/bin/node', (path) => looked.push(path) > 0);
  t.deepEqual(looked, ['/opt/node/include/node/common.gypi']);
  t.is(found['npm_config_nodedir'], '/opt/node');
  t.is(found['npm_config_build_from_source'], 'better-sqlite3');
});

test('without them it is left to the package where it gets itself from', (t) => {
  t.deepEqual(
    buildEnvironment('/usr/bin/node', () => false),
    {},
  );
});
