import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { DeskAnswer, DeskAnswers, DeskRequest, Failed } from './desk.js';
import type { WriterOptions } from './writer.js';

/** Asks the ledger's thread; a thread that ended is started again by the next request. */
export class LedgerThread {
  readonly #options: WriterOptions;
  #worker: Worker | undefined;
  #next = 1;
  #abandoned = false;
  readonly #waiting = new Map<number, (answer: DeskAnswer) => void>();

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async ask<R extends DeskRequest>(request: R): Promise<DeskAnswers[R['verb']] | Failed> {
    if (this.#abandoned) return ended('it was given up');
    return this.#send(this.#worker ?? this.#start(), request) as Promise<DeskAnswers[R['verb']] | Failed>;
  }

  open(): Promise<DeskAnswers['open']> {
    return this.ask({ verb: 'open', options: this.#options });
  }

  async end(): Promise<void> {
    if (!this.#worker) return;
    const worker = this.#worker;
    await this.#send(worker, { verb: 'close' });
    this.#worker = undefined;
    await worker.terminate();
  }

  /** Waits no longer for a disk that does not answer: what is asked fails, and so does everything from now on. */
  abandon(): void {
    const worker = this.#worker;
    this.#abandoned = true;
    this.#failAll('it was given up');
    worker?.unref();
    void worker?.terminate();
  }

  #failAll(reason: string): void {
    this.#worker = undefined;
    for (const settle of this.#waiting.values()) settle(ended(reason));
    this.#waiting.clear();
  }

  #start(): Worker {
    const worker = startWorker();
    worker.on('message', ({ id, answer }: { id: number; answer: DeskAnswer }) => {
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) worker.unref();
    });
    let reason = 'it ended';
    worker.on('error', (error: unknown) => (reason = error instanceof Error ? error.message : String(error)));
    worker.on('exit', () => {
      if (this.#worker === worker) this.#failAll(reason);
    });
    this.#worker = worker;
    void this.#send(worker, { verb: 'open', options: this.#options });
    return worker;
  }

  #send(worker: Worker, request: DeskRequest): Promise<DeskAnswer> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      worker.ref(); // Only what is waited for keeps the process running.
      worker.postMessage({ id, request });
    });
  }
}

const ended = (reason: string): Failed => ({
  outcome: 'failed',
  fault: 'thread_ended',
  message: `the ledger’s thread: ${reason}`,
  perhapsWritten: true,
});

/** Loaders do not reach threads on Node 20, so that from src, in tests, the thread's module is loaded as a config is. */
function startWorker(): Worker {
  const fromSource = import.meta.url.endsWith('.ts');
  if (!fromSource) return new Worker(new URL('./thread.js', import.meta.url));
  const [loader, file] = [import.meta.resolve('jiti'), fileURLToPath(new URL('./thread.ts', import.meta.url))];
  const text = (value: string): string => JSON.stringify(value);
  const load = `import(${text(loader)}).then(({ createJiti }) => createJiti(${text(import.meta.url)}, { fsCache: false }).import(${text(file)}));`;
  return new Worker(load, { eval: true, execArgv: [] });
}
