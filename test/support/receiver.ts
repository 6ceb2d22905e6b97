import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';
import type { CloudEvent } from '../../src/export/cloud-event.js';

/** A receiver of usage that drops repeats, as a billing system does; a test lets it fail. */
export class Receiver {
  /** By `source` and `id`. */
  readonly events = new Map<string, CloudEvent>();
  readonly requests: { readonly type: string | undefined; readonly authorization: string | undefined; readonly size: number }[] =
    [];
  repeats = 0;
  /** Status of the answers to come. `forgotten`: the batch is taken, and the connection ends without an answer. */
  readonly answers: (number | 'forgotten')[] = [];
  #server: Server | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}/api/v1/events`;
  }

  /** On the same port as before. */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const batch = JSON.parse(Buffer.concat(chunks).toString()) as CloudEvent[];
        const { 'content-type': type, authorization } = request.headers;
        this.requests.push({ type, authorization, size: batch.length });
        const answer = this.answers.shift() ?? 204;
        if (answer === 204 || answer === 'forgotten') this.#take(batch);
        if (answer === 'forgotten') request.socket.destroy();
        else response.writeHead(answer).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve) ?? resolve(undefined));
  }

  /** The sum of a quantity over all events, for a tenant. */
  sum(tenant: string, quantity: string): bigint {
    const own = [...this.events.values()].filter(({ subject }) => subject === tenant);
    return own.reduce((sum, { data }) => sum + BigInt(data[quantity] ?? 0), 0n);
  }

  #take(batch: readonly CloudEvent[]): void {
    for (const event of batch) {
      const key = `${event.source} ${event.id}`;
      if (this.events.has(key)) this.repeats++;
      this.events.set(key, event);
    }
  }
}

/** A receiver that listens, and stops with the test. */
export async function receiverFor(t: ExecutionContext): Promise<Receiver> {
  const receiver = new Receiver();
  await receiver.start();
  t.teardown(() => receiver.stop());
  return receiver;
}
