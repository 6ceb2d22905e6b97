import type { ExecutionContext } from 'ava';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { labApi } from '../../../src/cli/lab-api.js';
import { Client } from '../../../src/cli/client.js';
import type { VswitchConfig } from '../../../src/config/schema.js';
import { checkFile } from '../../../src/flow/check-file.js';
import type { SwitchApi } from '../../../src/lab/checks.js';
import { removeLab } from '../../../src/lab/lab.js';
import { startWebServers } from '../../../src/lab/traffic.js';
import { labUp, type RunningLab } from '../../../src/lab/up.js';
import { root } from '../../support/source-tree.js';

export interface TestLab extends RunningLab {
  readonly name: string;
  readonly config: VswitchConfig;
  readonly api: SwitchApi;
  readonly client: Client;
}

export const ready = (socket: string): Promise<boolean> => labApi(socket).healthy();

/** The name of a lab of this process's own: other checkouts may be tested meanwhile. @param word at most 10 letters. */
export const labName = (word: string): string => word + process.pid.toString(36);

/**
 * A lab with its switch and web servers for one test; removed after it, whatever comes of it.
 * @param change of the config in config/lab.config.ts.
 */
export async function labFor(
  t: ExecutionContext,
  name: string,
  change = (config: VswitchConfig): VswitchConfig => config,
): Promise<TestLab> {
  if (!existsSync(join(root, 'dist/cli/main.js'))) throw new Error('the program is not built; run: npm run build');
  const config = change(await checkFile(join(root, 'config/lab.config.ts')));
  const lab = await labUp(config, name, ready);
  const client = new Client({ socket: lab.socket });
  t.teardown(async () => {
    await client.close();
    await removeLab(name);
  });
  await startWebServers([lab.plan.uplinkHost, ...lab.plan.vms]);
  return { ...lab, name, config, client, api: labApi(lab.socket) };
}
