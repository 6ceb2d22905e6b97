import { closeSync, openSync, writeSync } from 'node:fs';

/** Errors of callbacks that a plugin may have in this time before it counts as failed: one strange packet does not stop a firewall. */
const maxErrors = 10;
const windowMs = 10_000;

/** Whose code runs, noted in a file: who was it when the process ends of a sudden. */
export class Current {
  readonly #fd: number;
  readonly #byte = Buffer.alloc(1);
  #index: number | undefined;

  constructor(file: string) {
    this.#fd = openSync(file, 'w', 0o600);
  }

  /** Costs a system call where it is another than before. */
  is(index: number): void {
    if (index === this.#index) return;
    this.#index = index;
    this.#byte[0] = index;
    writeSync(this.#fd, this.#byte, 0, 1, 0);
  }

  get index(): number | undefined {
    return this.#index;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Tells when there were too many errors lately. */
export class ErrorBudget {
  readonly #at: number[] = [];

  /** @returns whether this one is too many. */
  spend(nowMs: number): boolean {
    this.#at.push(nowMs);
    while ((this.#at[0] ?? nowMs) < nowMs - windowMs) this.#at.shift();
    return this.#at.length > maxErrors;
  }
}
