import { readFile } from 'node:fs/promises';
import test from 'ava';
import { errorCatalogue } from '../../../src/model/errors.js';

test('docs/errors.md lists the catalogue: each code, its status, exit code and meaning', async (t) => {
  const text = await readFile(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  const listed = rows.map((row) =>
    row
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', ''))
      .slice(1, -1),
  );
  t.deepEqual(
    listed,
    Object.entries(errorCatalogue).map(([code, { status, exit, title }]) => [code, String(status), String(exit), title]),
  );
});
