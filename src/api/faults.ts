import { VswitchError } from '../model/errors.js';

/** Runs `work` and rewrites the pointers of the faults that it throws. */
async function mapPointers<T>(work: () => Promise<T>, map: (pointer: string) => string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof VswitchError)) throw error;
    const faults = error.faults.map((fault) => ({ ...fault, pointer: map(fault.pointer) }));
    throw new VswitchError(error.code, error.message, faults, { cause: error });
  }
}

/** For work whose faults point into the document at `from`: they point to `to` instead. Other pointers stay. */
export const rebase = <T>(from: string, to: string, work: () => Promise<T>): Promise<T> =>
  mapPointers(work, (pointer) =>
    pointer === from || pointer.startsWith(`${from}/`) ? to + pointer.slice(from.length) : pointer,
  );

/** For work whose faults point into a list that the body holds at `list`. A pointer to the whole means the list; others stay. */
export const underPointer = <T>(list: string, work: () => Promise<T>): Promise<T> =>
  mapPointers(work, (pointer) => (pointer === '' || /^\/\d/.test(pointer) ? list + pointer : pointer));
