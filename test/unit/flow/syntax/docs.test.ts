import { readFile } from 'node:fs/promises';
import test from 'ava';
import { fieldWords, protocolFieldWords, protocolWords } from '../../../../src/flow/syntax/ofctl-words.js';
import { formatOfctl, parseOfctl } from '../../../../src/flow/syntax/ofctl.js';
import { actionNames } from '../../../../src/model/action.js';
import { bands, type FlowText } from '../../../../src/model/flow.js';
import { matchFields } from '../../../../src/model/match.js';

const page = await readFile(new URL('../../../../docs/flows.md', import.meta.url), 'utf8');

test('docs/flows.md names every field, action, band and word', (t) => {
  const words = [
    ...matchFields.map((field) => field.name),
    ...Object.keys(bands),
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

test('its two examples are one flow', (t) => {
  const json = /```json\n(.*?)```/s.exec(page)?.[1] ?? '';
  const line = /```text\n(.*?)\n```/s.exec(page)?.[1] ?? '';
  t.is(formatOfctl(JSON.parse(json) as FlowText), line);
  t.is(formatOfctl(parseOfctl(line)), line);
});
