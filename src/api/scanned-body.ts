import { ScannedAdds } from '../flow/scanned-adds.js';
import type { ApiInstance, FlowService } from './context.js';

/** What the body is where it was scanned; it is as its schema asks then. */
export const scannedIn = (body: unknown): ScannedAdds | undefined => (body instanceof ScannedAdds ? body : undefined);

/** For routes of the operator's transactions: their bodies are scanned, and what else they are is parsed as any other. */
export function scanBodies(app: ApiInstance, flows: FlowService): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const scanned = flows.scan(body);
    if (scanned) done(null, scanned);
    else void parse(request, body.toString(), done);
  });
}
