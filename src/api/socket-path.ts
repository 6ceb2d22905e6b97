import { join } from 'node:path';

/** Where instances keep their API sockets: `/run/mts-vswitch` for root, else in the user's own run-time directory. */
export function socketDirectory(env: NodeJS.ProcessEnv = process.env, uid = process.getuid?.() ?? 0): string {
  if (uid === 0) return '/run/mts-vswitch';
  return join(env['XDG_RUNTIME_DIR'] ?? `/run/user/${uid}`, 'mts-vswitch');
}

/** The socket of an instance whose config does not name one. */
export const defaultSocket = (name: string): string => join(socketDirectory(), `${name}.sock`);
