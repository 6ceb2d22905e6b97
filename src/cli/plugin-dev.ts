import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginLogView, PluginView } from '../api/schemas/plugins.js';
import { asVswitchError } from '../model/errors.js';
import { lineText, pluginPath } from './plugin-text.js';
import type { Session } from './session.js';

const lookMs = 300;

/** Loads the plugin anew when a file of its folder is another, and shows its log, until the command is ended. */
export async function followPlugin(session: Session, folder: string, tenant: string, name = basename(folder)): Promise<void> {
  const path = pluginPath(tenant, name);
  const { io } = session;
  let [seen, shown] = [newest(folder), ''];
  await session.get(path); // It is there.
  io.out(`watching ${folder} for plugin ${name} of tenant ${tenant}`);
  for (;;) {
    const now = newest(folder);
    if (now !== seen) {
      seen = now;
      try {
        const { state } = JSON.parse((await session.send('POST', `${path}/reload`)).text) as PluginView;
        io.out(`loaded anew: ${name} is ${state}`);
      } catch (error) {
        io.err(asVswitchError(error).message);
      }
    }
    const { lines } = (await session.get(`${path}/logs`)) as PluginLogView;
    for (const line of lines) if (line.at > shown) io.out(lineText(line));
    shown = lines.at(-1)?.at ?? shown;
    await sleep(lookMs);
  }
}

/** What tells whether anything changed. */
function newest(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => !file.split('/').includes('node_modules'),
  );
  return files.map((file) => `${file} ${statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0}`).join('\n');
}
