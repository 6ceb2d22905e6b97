import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { VswitchError } from '../model/errors.js';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Lets only requests with `Authorization: Bearer <token>` through. The comparison's time says nothing about the token. */
export function requireToken(app: FastifyInstance, token: string): void {
  const expected = digest(token);
  app.addHook('onRequest', async (request, reply) => {
    const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return;
    reply.header('www-authenticate', 'Bearer');
    const message = given === undefined ? 'the Authorization header is missing' : 'the token is wrong';
    throw new VswitchError('UNAUTHORIZED', message, [
      {
        pointer: '/headers/authorization',
        message,
        remedy: "send `Authorization: Bearer` and the token of the config's api.tcp",
      },
    ]);
  });
}
