import { parentPort } from 'node:worker_threads';
import { LedgerDesk, type DeskRequest } from './desk.js';

/** The ledger's thread: a disk that is slow keeps nothing else waiting. It knows nothing of DPDK. */
const desk = new LedgerDesk();

parentPort?.on('message', ({ id, request }: { readonly id: number; readonly request: DeskRequest }) => {
  parentPort?.postMessage({ id, answer: desk.answer(request) });
});
