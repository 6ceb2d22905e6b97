import type { SwitchEvent } from '../model/event.js';

/** Events a listener may be behind; past it events are counted as lost. */
const queueLimit = 256;

/** One listener's queue. Consecutive `flows` events become one: only the newest generation matters. */
export class EventQueue {
  readonly #waiting: SwitchEvent[] = [];
  #lost = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  push(event: SwitchEvent): void {
    if (this.#ended) return;
    const last = this.#waiting.at(-1);
    if (event.type === 'flows' && last?.type === 'flows') this.#waiting[this.#waiting.length - 1] = event;
    else if (this.#waiting.length < queueLimit) this.#waiting.push(event);
    else this.#lost++;
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The events that wait, at once or when the first comes; empty when the queue has ended, or `timeoutMs` went by. */
  async take(timeoutMs: number): Promise<readonly SwitchEvent[]> {
    if (this.#waiting.length === 0 && !this.#ended) await this.#sleep(timeoutMs);
    const events = this.#waiting.splice(0);
    if (this.#lost > 0) events.push({ type: 'lost', count: this.#lost });
    this.#lost = 0;
    return events;
  }

  get ended(): boolean {
    return this.#ended;
  }

  #sleep(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

/** Hands each event to every listener. */
export class EventHub {
  readonly #queues = new Set<EventQueue>();

  subscribe(): EventQueue {
    const queue = new EventQueue();
    this.#queues.add(queue);
    return queue;
  }

  unsubscribe(queue: EventQueue): void {
    this.#queues.delete(queue);
    queue.end();
  }

  /** Whether anybody listens. */
  get heard(): boolean {
    return this.#queues.size > 0;
  }

  publish(event: SwitchEvent): void {
    for (const queue of this.#queues) queue.push(event);
  }

  close(): void {
    for (const queue of this.#queues) this.unsubscribe(queue);
  }
}
