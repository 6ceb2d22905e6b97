import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { outcomeOf } from '../../../src/lab/command.js';
import { root, textOf } from '../../support/source-tree.js';

/** What systemd says of the units, with this checkout's program where an installed one would be. */
async function verify(t: ExecutionContext, change = (unit: string): string => unit): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'units-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const unit = readFileSync(join(root, 'config/systemd/vswitch@.service'), 'utf8');
  const program = join(root, 'bin/vswitch.js');
  writeFileSync(join(directory, 'vswitch@.service'), change(unit.replace('/usr/local/bin/vswitch', program)));
  cpSync(join(root, 'config/systemd/vswitch.target'), join(directory, 'vswitch.target'));
  const units = ['vswitch@.service', 'vswitch@red.service', 'vswitch.target'].map((name) => join(directory, name));
  const { code, text } = await outcomeOf(['systemd-analyze', 'verify', ...units]);
  return `${code} ${text.trim()}`.trim();
}

test('systemd has nothing to say against the units', async (t) => {
  t.is(await verify(t), '0');
});

test('systemd does look: a value that it does not know is told', async (t) => {
  t.regex(await verify(t, (unit) => unit.replace('ProtectHome=yes', 'ProtectHome=perhaps')), /perhaps/);
});

test('the unit starts no config again that is at fault, and keeps the directory of the others’ sockets', (t) => {
  const unit = textOf('config/systemd/vswitch@.service');
  t.regex(unit, /^RestartPreventExitStatus=78 66 72$/m);
  t.regex(unit, /^RuntimeDirectoryPreserve=yes$/m);
  t.regex(unit, /^LimitMEMLOCK=infinity$/m);
});
