import { readFile } from 'node:fs/promises';
import test from 'ava';
import { fieldWords, protocolFieldWords, protocolWords } from '../../../../src/flow/syntax/ofctl-words.js';
import { formatOfctl, parseOfctl } from '../../../../src/flow/syntax/ofctl.js';
import { actionSchema, flowSchema, groupSchema, meterSchema } from '../../../../src/config/schema.js';
import { schemaFaults } from '../../../../src/config/schema-faults.js';
import { formatMeter, parseMeter } from '../../../../src/flow/syntax/meter-text.js';
import { actionNames, tunnelKinds } from '../../../../src/model/action.js';
import { bands, type FlowText } from '../../../../src/model/flow.js';
import { groupHashes, groupTypes } from '../../../../src/model/group.js';
import { meterKinds, meterUnits, meterVerdicts, type MeterText } from '../../../../src/model/meter.js';
import { matchFields } from '../../../../src/model/match.js';

const page = await readFile(new URL('../../../../docs/flows.md', import.meta.url), 'utf8');

test('docs/flows.md names every field, action, band and word', (t) => {
  const words = [
    ...matchFields.map((field) => field.name),
    ...Object.keys(bands),
    ...[...groupTypes, ...groupHashes, ...meterKinds, ...meterUnits, ...meterVerdicts, ...tunnelKinds],
    ...Object.keys(protocolWords),
    ...Object.keys(fieldWords),
    ...Object.keys(protocolFieldWords),
  ];
  t.deepEqual(
    words.filter((word) => !page.includes(`\`${word}\``)),
    [],
  );
  t.deepEqual(
    actionNames.filter((name) => !page.includes(`"type":"${name}"`)),
    [],
  );
});

const jsonBlocks = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text = '']) => JSON.parse(text) as object);

test('its two examples are one flow', (t) => {
  const line = /```text\n(.*?)\n```/s.exec(page)?.[1] ?? '';
  t.is(formatOfctl(jsonBlocks[0] as FlowText), line);
  t.is(formatOfctl(parseOfctl(line)), line);
});

test('its JSON is what the schemas take', (t) => {
  for (const block of jsonBlocks) {
    const schema = 'buckets' in block ? groupSchema : 'meter' in block ? meterSchema : flowSchema;
    t.deepEqual(schemaFaults(schema, block), [], JSON.stringify(block));
  }
  const actions = [...page.matchAll(/^\| `(\{"type".*?\})` \|/gm)].map(([, text = '']) => JSON.parse(text) as { type: string });
  t.deepEqual(
    actions.flatMap((action) => schemaFaults(actionSchema, action)),
    [],
  );
  t.deepEqual(
    actionNames.filter((name) => !actions.some(({ type }) => type === name)),
    [],
  );
});

test('its meter of two bands is shown as it says', (t) => {
  const [bandForm, shown] = jsonBlocks.filter((block) => 'meter' in block) as MeterText[];
  const meter = bandForm && parseMeter(bandForm, '', []);
  t.deepEqual(meter && formatMeter(meter), shown);
});

test('its ovs-ofctl actions are read', (t) => {
  const table = page.slice(page.indexOf('| actions | stand for |'));
  const cells = [...table.matchAll(/^\| (`.*?`) \| /gm)].map(([, cell = '']) => cell);
  const examples = cells.flatMap((cell) => [...cell.matchAll(/`(.*?)`/g)].map(([, text = '']) => text));
  t.true(examples.length > 20);
  for (const example of examples) {
    const action = example.replaceAll('MAC', '02:00:00:00:00:01').replaceAll('IP,', '192.0.2.1,').replace(/:IP$/, ':192.0.2.1');
    t.notThrows(() => parseOfctl(`tcp,actions=${action}`), action);
  }
});
