import test from 'ava';
import { EventHub, EventQueue } from '../../../src/api/events.js';
import { generation, portName } from '../../../src/model/ids.js';

const flows = (n: bigint) => ({ type: 'flows', generation: generation(n) }) as const;
const added = (name: string) => ({ type: 'port_added', port: portName(name) }) as const;

test('generations that nobody has read yet become the newest one', async (t) => {
  const queue = new EventQueue();
  queue.push(flows(1n));
  queue.push(flows(2n));
  queue.push(added('p1'));
  queue.push(flows(3n));
  t.deepEqual(await queue.take(1000), [flows(2n), added('p1'), flows(3n)]);
});

test('a listener that does not read holds a bounded number of events, and learns how many it missed', async (t) => {
  const queue = new EventQueue();
  for (let i = 0; i < 1000; i++) queue.push(added(`p${i}`));
  const events = await queue.take(1000);
  t.is(events.length, 257);
  t.deepEqual(events.at(-1), { type: 'lost', count: 744 });
  queue.push(added('again'));
  t.deepEqual(await queue.take(1000), [added('again')]);
});

test('an event wakes the listener that waits', async (t) => {
  const hub = new EventHub();
  const queue = hub.subscribe();
  const waiting = queue.take(60_000);
  hub.publish(added('p1'));
  t.deepEqual(await waiting, [added('p1')]);
});

test('closing the hub ends every listener', async (t) => {
  const hub = new EventHub();
  const queue = hub.subscribe();
  const waiting = queue.take(60_000);
  hub.close();
  t.deepEqual(await waiting, []);
  t.true(queue.ended);
  hub.publish(added('late'));
  t.deepEqual(await queue.take(60_000), []);
});
