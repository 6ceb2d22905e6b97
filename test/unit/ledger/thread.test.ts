import test from 'ava';
import { LedgerThread } from '../../../src/ledger/thread-client.js';
import { ledgerPath, midnight, redOf, reportAt, writerOptions } from '../../support/ledger.js';

test('a thread that ended is started again by the next request, and goes on in the file', async (t) => {
  const thread = new LedgerThread(writerOptions(ledgerPath(t)));
  t.teardown(() => thread.end());
  t.like(await thread.open(), { outcome: 'open' });
  t.like(await thread.ask({ verb: 'append', report: reportAt(1, midnight, redOf(1)) }), { outcome: 'appended' });
  await thread.end();
  const again = await thread.ask({ verb: 'append', report: reportAt(2, midnight + 10_000, redOf(2)) });
  t.like(again, { outcome: 'appended', position: { sequence: 9 } });
});

test('who waits for a thread that is given up is told', async (t) => {
  const thread = new LedgerThread(writerOptions(ledgerPath(t)));
  const waiting = thread.open();
  thread.abandon();
  t.like(await waiting, { outcome: 'failed', fault: 'thread_ended' });
  await thread.end();
});
