import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the emulated NIC needs is not to be had here; the message says why. */
export class Unavailable extends Error {}

/**
 * The address of the mirror that the system itself takes a Debian release from.
 * @param targets what `apt-get indextargets` says with the format `$(RELEASE) $(CREATED_BY) $(REPO_URI)`
 */
export function mirrorOf(targets: string, release: string): string {
  for (const line of targets.split('\n')) {
    const [of, kind, address] = line.split(' ');
    if (of === release && kind === 'Packages' && address !== undefined) return address;
  }
  throw new Unavailable(`apt has no package source of Debian ${release}`);
}

/** Where apt keeps nothing of the system's: its own sources, lists and packages; only what is installed is looked up there. */
const optionsFor = (folder: string): string[] =>
  [
    `Dir::Etc::sourcelist=${folder}/sources.list`,
    'Dir::Etc::sourceparts=-',
    `Dir::State=${folder}/state`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${folder}/cache`,
    'APT::Sandbox::User=',
    'Acquire::Languages=none',
    'Debug::NoLocking=true',
  ].flatMap((option) => ['-o', option]);

/** A second package source beside the system's, in a folder of its own. No installed package changes. */
export class Apt {
  readonly #folder: string;
  readonly #release: string;

  private constructor(folder: string, release: string) {
    this.#folder = folder;
    this.#release = release;
  }

  /** @throws Unavailable without apt, without the release or without the network. */
  static async open(folder: string, release: string): Promise<Apt> {
    const format = '$(RELEASE) $(CREATED_BY) $(REPO_URI)';
    const targets = await run('apt-get', ['indextargets', '--format', format]).catch(unavailable('apt-get is not there'));
    const mirror = mirrorOf(targets.stdout, release);
    for (const part of ['state/lists/partial', 'cache/archives/partial']) await mkdir(join(folder, part), { recursive: true });
    const source = (suite: string): string =>
      `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror} ${suite} main\n`;
    await writeFile(join(folder, 'sources.list'), source(release) + source(`${release}-backports`));
    const apt = new Apt(folder, release);
    await apt.#call('apt-get', 'update', '--error-on=any');
    return apt;
  }

  /** Downloads packages from the backports, those that the system has, too; and what they depend on and the system lacks. */
  async downloadWithNeeds(...names: string[]): Promise<void> {
    const backports = ['--target-release', `${this.#release}-backports`];
    const how = ['--download-only', '--reinstall', '--yes', '--no-install-recommends', ...backports];
    await this.#call('apt-get', 'install', ...how, ...names);
  }

  /** Downloads the package that another is a name for. */
  async downloadOnly(meta: string): Promise<void> {
    const said = await this.#call('apt-cache', 'depends', '--important', meta);
    const name = /Depends: (\S+)/.exec(said)?.[1] ?? meta;
    await this.#call('apt-get', 'download', name);
  }

  /** The files that were downloaded. */
  async packages(): Promise<string[]> {
    const folder = join(this.#folder, 'cache/archives');
    return (await readdir(folder)).filter((name) => name.endsWith('.deb')).map((name) => join(folder, name));
  }

  async #call(program: string, ...args: string[]): Promise<string> {
    const cwd = join(this.#folder, 'cache/archives');
    const { stdout } = await run(program, [...optionsFor(this.#folder), ...args], { cwd }).catch(
      unavailable(`\`${program} ${args.join(' ')}\` failed`),
    );
    return stdout;
  }
}

const unavailable = (what: string) => (error: unknown) => {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  throw new Unavailable(`${what}: ${said.trim().split('\n').slice(-3).join('; ')}`);
};
