import { constants } from 'node:fs';
import { chmod, chown, lstat, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What a tenant's plugins keep on the disk: a store each, in a folder that only their user may enter. */
export class StateFolder {
  readonly path: string;
  readonly #uid: number | undefined;
  readonly #programs: readonly string[];

  /**
   * @param uid user and group of the plugins' process; undefined where it is this one's.
   * @param programs folders that it has to read.
   */
  constructor(path: string, uid: number | undefined, programs: readonly string[] = []) {
    this.path = path;
    this.#uid = uid;
    this.#programs = programs;
  }

  /** The file in which the host notes whose code runs. */
  get current(): string {
    return join(this.path, '.current');
  }

  store(plugin: string): string {
    return join(this.path, `${plugin}.json`);
  }

  async prepare(plugins: readonly string[]): Promise<void> {
    await mkdir(this.path, { recursive: true });
    await chmod(this.path, 0o700);
    await rm(this.current, { force: true });
    if (this.#uid === undefined) return;
    await mustBeReachable(dirname(this.path), 'set plugins.stateDir to another folder');
    for (const folder of this.#programs) await mustBeReachable(folder, 'move what is in it elsewhere');
    await chown(this.path, this.#uid, this.#uid);
    // A plugin's files are another's user's where the tenant had another slot.
    for (const name of plugins) await giveTo(this.store(name), this.#uid);
  }

  /** The index of the plugin whose code ran last; undefined where nobody's did. */
  async whoRan(): Promise<number | undefined> {
    try {
      // The folder is the plugins': a link in it leads nowhere.
      const file = await open(this.current, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, 0);
        return bytesRead === 1 ? buffer[0] : undefined;
      } finally {
        await file.close();
      }
    } catch {
      return undefined;
    }
  }

  /** Bytes on the disk. */
  async bytes(): Promise<number> {
    const names = await readdir(this.path).catch((): string[] => []);
    const sizes = await Promise.all(
      names.map((name) =>
        lstat(join(this.path, name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }
}

/** @throws Error where a user of its own could not enter the folder, or one of those above. */
async function mustBeReachable(path: string, otherwise: string): Promise<void> {
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode } = await stat(folder);
    if ((mode & constants.S_IXOTH) === 0)
      throw new Error(`the user of plugins cannot enter ${folder}: chmod o+x it, or ${otherwise}`);
    if (folder === dirname(folder)) return;
  }
}

/** Without following a link. */
async function giveTo(path: string, uid: number): Promise<void> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      await file.chown(uid, uid);
    } finally {
      await file.close();
    }
  } catch {
    // It is not there, or no file.
  }
}
