import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { VswitchError } from '../model/errors.js';

const ownerAndGroup = 0o660;

/**
 * Makes `path` free to listen on. A file that a dead process left is removed; where somebody answers it fails with SOCKET_IN_USE.
 */
export async function claimSocket(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const outcome = await probe(path);
  if (outcome === 'ENOENT') return;
  // Linux refuses the connection to a plain file too: only a socket is left over, a file is somebody's.
  if (outcome === 'ECONNREFUSED' && (await lstat(path)).isSocket()) return unlink(path);
  const message =
    outcome === 'connected' ? `another process serves ${path}` : `${path} exists and cannot be taken over (${outcome})`;
  throw new VswitchError('SOCKET_IN_USE', message, [
    {
      pointer: '/api/socket',
      value: path,
      message,
      remedy: 'end the other instance, or give this one another name or api.socket',
    },
  ]);
}

export async function listenOnSocket(app: FastifyInstance, path: string): Promise<void> {
  await claimSocket(path);
  await app.listen({ path });
  await chmod(path, ownerAndGroup);
}

export async function listenOnTcp(app: FastifyInstance, port: number): Promise<void> {
  try {
    await app.listen({ host: '127.0.0.1', port });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `cannot listen on 127.0.0.1:${port}: ${reason}`;
    throw new VswitchError('SOCKET_IN_USE', message, [
      { pointer: '/api/tcp/port', value: port, message, remedy: 'choose a free port' },
    ]);
  }
}

/** `connected`, or the code of the error that connecting gave. */
function probe(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve('connected');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}
