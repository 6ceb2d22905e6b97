/**
 * Things to undo, undone in reverse order, each once. A failing step does not keep the others from being done; the first error is
 * thrown at the end.
 */
export class Scope {
  readonly #steps: (() => void | Promise<void>)[] = [];

  defer(step: () => void | Promise<void>): void {
    this.#steps.push(step);
  }

  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

/** Runs `body` with a scope that is closed whatever happens, and with `parent`, where that is closed first (by a signal). */
export async function withScope<T>(body: (scope: Scope) => Promise<T>, parent?: Scope): Promise<T> {
  const scope = new Scope();
  parent?.defer(() => scope.close());
  try {
    return await body(scope);
  } finally {
    await scope.close();
  }
}
