import { readFile } from 'node:fs/promises';
import test from 'ava';
import { checkConfig } from '../../../../src/config/check.js';
import { parseOfctl } from '../../../../src/flow/syntax/ofctl.js';
import { parseFlow } from '../../../../src/flow/syntax/text.js';
import { ctCounters, ctStateBits, ctTimeoutDefaults } from '../../../../src/model/conntrack.js';
import { dropReasons } from '../../../../src/model/drop.js';
import type { Fault } from '../../../../src/model/errors.js';
import { resolveTopology } from '../../../../src/config/resolve.js';
import { twoTenants } from '../../../support/running-switch.js';

const page = await readFile(new URL('../../../../docs/conntrack.md', import.meta.url), 'utf8');
const blocks = (kind: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${kind}\\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text.trim());

test('docs/conntrack.md names every bit, time-out with its default, cause and drop reason', (t) => {
  const words = [
    ...ctStateBits,
    ...dropReasons.filter((reason) => reason.startsWith('ct_')),
    ...ctCounters.flatMap((name) => (name.startsWith('invalid_') ? [name.slice('invalid_'.length)] : [])),
  ].map((word) => `\`${word}\``);
  const timeouts = Object.entries(ctTimeoutDefaults).map(([name, ms]) => `\`${name}\` ${ms}`);
  t.deepEqual(
    [...words, ...timeouts].filter((word) => !page.includes(word)),
    [],
  );
});

test('its flows are read', (t) => {
  const topology = resolveTopology(twoTenants);
  const examples = blocks('text');
  t.is(examples.length, 2);
  for (const line of examples.flatMap((text) => text.split('\n'))) {
    const faults: Fault[] = [];
    t.truthy(parseFlow(parseOfctl(line), topology, line, faults), JSON.stringify(faults));
  }
});

test('its config is one', (t) => {
  const [text = ''] = blocks('json');
  t.deepEqual(checkConfig({ name: 'a', workers: { cores: [1] }, ports: {}, ...(JSON.parse(text) as object) }), []);
});
