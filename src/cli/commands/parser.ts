import { Command } from 'commander';
import type { ParserView } from '../../api/schemas/parser.js';
import type { Wire } from '../../api/schemas/usage.js';
import type { Io } from '../io.js';
import { withSession } from '../session.js';
import { table } from '../table.js';

/** `parser`: which headers are read, per port, and because of which flow. */
export const parserCommand = (io: Io): Command =>
  new Command('parser')
    .description("show which headers of each port's packets are read, and because of which flow")
    .action(async function (this: Command) {
      await withSession(this, io, async (session) => {
        session.show<Wire<ParserView>>(await session.send('GET', '/v1/parser'), ({ headers }) =>
          table(
            ['PORT', 'HEADER', 'BECAUSE OF'],
            headers.map(({ port, header, flow }) => [port, header, flow === null ? 'steering' : `flow ${flow}`]),
          ),
        );
      });
    });
