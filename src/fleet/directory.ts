import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkFile } from '../flow/check-file.js';
import { asVswitchError, VswitchError } from '../model/errors.js';
import { planFleet, type FleetFile, type FleetPlan } from './plan.js';

const configFile = /(\.config\.[cm]?[jt]s|\.json)$/;

/**
 * The plan of all configs of a directory, `*.config.ts` (or js) and `*.json`; what else is in there is left alone.
 * @throws VswitchError CONFIG_UNREADABLE where there is no such directory, or no config in it.
 */
export async function readFleet(directory: string): Promise<FleetPlan> {
  const files: FleetFile[] = [];
  for (const name of await configsIn(directory)) files.push(await readOne(join(directory, name)));
  return planFleet(files);
}

async function configsIn(directory: string): Promise<string[]> {
  const unreadable = (message: string, remedy: string): VswitchError =>
    new VswitchError('CONFIG_UNREADABLE', `${directory} ${message}`, [{ pointer: '', value: directory, message, remedy }]);
  const entries = await readdir(directory).catch((error: unknown) => {
    throw unreadable(`cannot be read (${asVswitchError(error).message})`, 'give the path of a directory');
  });
  const configs = entries.filter((name) => configFile.test(name)).sort();
  if (configs.length === 0) throw unreadable('holds no config', 'put a *.config.ts or *.json file there for each instance');
  return configs;
}

async function readOne(file: string): Promise<FleetFile> {
  try {
    return { file, config: await checkFile(file) };
  } catch (thrown) {
    const { message, faults } = asVswitchError(thrown);
    return { file, faults: faults.length > 0 ? faults : [{ pointer: '', message }] };
  }
}

/** @throws VswitchError CONFIG_INVALID with all faults of all files. */
export function mustBeSound({ faults }: FleetPlan, directory: string): void {
  if (faults.length === 0) return;
  const files = new Set(faults.map(({ pointer }) => pointer.split('#')[0]));
  const what = files.size === 1 ? 'a config with faults' : `${files.size} configs with faults`;
  throw new VswitchError('CONFIG_INVALID', `${directory} has ${what}`, faults);
}
