import { readFile } from 'node:fs/promises';
import test from 'ava';
import { openapiDocument } from '../../../src/api/document.js';
import { packageVersion } from '../../../src/version.js';
import { runningSwitch } from '../../support/running-switch.js';

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly operationId: string; readonly responses: Record<string, unknown> }>>>
  >;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const generated = async (): Promise<Document> => asJson(await openapiDocument(packageVersion)) as Document;

test('docs/openapi.json is what the code serves; `npm run openapi` writes it anew', async (t) => {
  const committed: unknown = JSON.parse(await readFile(new URL('../../../docs/openapi.json', import.meta.url), 'utf8'));
  t.deepEqual(committed, asJson(await generated()));
  const { call } = await runningSwitch(t);
  t.deepEqual((await call('GET', '/openapi.json')).json(), committed);
});

test('every reference leads somewhere, every operation has its own name and says how it fails', async (t) => {
  const document = await generated();
  t.is(document.openapi, '3.1.0');
  const text = JSON.stringify(document);
  for (const [, name = ''] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
    t.true(name in document.components.schemas, name);
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  t.true(operations.length > 15);
  t.is(new Set(operations.map((operation) => operation.operationId)).size, operations.length);
  const streams = ['events', 'metrics'];
  for (const { operationId, responses } of operations)
    t.true(streams.includes(operationId) || 'default' in responses, operationId);
});
