import type { Command } from 'commander';
import type { FlowResultView } from '../api/schemas/flows.js';
import type { Wire } from '../api/schemas/usage.js';
import type { FlowOperation, FlowSet } from '../model/flow.js';
import type { Io } from './io.js';
import { withSession, type Session } from './session.js';

export interface OwnerOptions {
  readonly tenant?: string;
}

export interface ChangeOptions extends OwnerOptions {
  readonly file?: string;
  readonly ifMatch?: string;
}

export const tenantOption = ['-t, --tenant <name>', "a tenant's, instead of the operator's"] as const;
export const ifMatchOption = ['--if-match <generation>', 'only if nothing changed since that generation'] as const;

/** Where an owner's flows, groups or meters are. */
export const pathOf = ({ tenant }: OwnerOptions, list: 'flows' | 'groups' | 'meters'): string =>
  tenant === undefined ? `/v1/${list}` : `/v1/tenants/${encodeURIComponent(tenant)}/${list}`;

/** Does the operations in one transaction, and tells what it came to. */
export async function transact(
  command: Command,
  io: Io,
  options: ChangeOptions,
  operations: readonly FlowOperation[],
): Promise<void> {
  await withSession(command, io, async (session) => {
    tell(session, await session.send('PATCH', pathOf(options, 'flows'), { operations }, etag(options)));
  });
}

export async function replace(command: Command, io: Io, options: ChangeOptions, set: FlowSet): Promise<void> {
  await withSession(command, io, async (session) => {
    tell(session, await session.send('PUT', pathOf(options, 'flows'), set, etag(options)));
  });
}

const etag = ({ ifMatch }: ChangeOptions): string | undefined => (ifMatch === undefined ? undefined : `"${ifMatch}"`);

type Counts = Wire<FlowResultView>['groups'];

const tell = (session: Session, answer: Awaited<ReturnType<Session['send']>>): void =>
  session.show<Wire<FlowResultView>>(answer, ({ generation, groups, meters, ...flows }) =>
    [`generation ${generation}: ${countsText(flows)}`, ...touched('groups', groups), ...touched('meters', meters)].join('; '),
  );

const touched = (what: string, counts: Counts): string[] =>
  counts.added + counts.modified + counts.deleted === 0 ? [] : [`${what}: ${countsText(counts)}`];

const countsText = ({ added, modified, deleted }: Counts): string => `${added} added, ${modified} modified, ${deleted} deleted`;
