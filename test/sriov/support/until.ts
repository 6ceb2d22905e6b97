import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a condition: what is translated is slow, and now and then much slower. @throws Error when time is out */
export async function until(what: string, condition: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`in ${limitMs / 1000} s it was not so that ${what}`);
    await sleep(20);
  }
}
