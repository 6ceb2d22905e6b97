import { fileURLToPath } from 'node:url';

/** The command line program, as Node runs it. */
export const program = fileURLToPath(new URL('../../bin/vswitch.js', import.meta.url));
