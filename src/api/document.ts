import pino from 'pino';
import type { ApiContext } from './context.js';
import { buildApi } from './server.js';

/** The OpenAPI 3.1 document, without a switch behind it: routes touch their context only when they are called. */
export async function openapiDocument(version: string): Promise<object> {
  const app = await buildApi({ info: { version } } as ApiContext, { log: pino({ level: 'silent' }) });
  const document = app.swagger();
  await app.close();
  return document;
}
