/** Time, so that tests have theirs. */
export interface Clock {
  now(): Date;
  /** Calls `work` every `intervalMs`; returns how to stop it. */
  every(intervalMs: number, work: () => void): () => void;
}

/** The process's clock; its timer does not keep the process running. */
export const systemClock: Clock = {
  now: () => new Date(),
  every: (intervalMs, work) => {
    const timer = setInterval(work, intervalMs).unref();
    return () => clearInterval(timer);
  },
};
