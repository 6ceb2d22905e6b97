import test from 'ava';
import { filesIn, textOf } from '../../support/source-tree.js';

/** Rooms whose code runs for every burst. */
const hotRooms = ['packet', 'action', 'pipeline', 'worker', 'table', 'state', 'meter', 'port', 'punt'];

/** Files of those rooms that the control thread runs, each with what it is for. Everything else is on the packet path. */
const controlFiles: Readonly<Record<string, string>> = {
  'native/action/program.h': 'holds compiled actions; what runs them is inline and checked by its callees',
  'native/action/program.cc': 'compiles the actions of a rule',
  'native/action/set_field_compile.cc': 'compiles set_field',
  'native/pipeline/needs.h': 'gathers what a table needs read',
  'native/pipeline/program.h': 'the immutable program: built by the control thread, only read by workers',
  'native/pipeline/program.cc': 'builds the program',
  'native/port/gateways.h': 'holds the gateways of a port; its vector is filled once',
  'native/worker/assignment.h': 'deals queues out to workers when ports change',
  'native/worker/assignment.cc': 'deals queues out to workers when ports change',
  'native/worker/worker.h': 'starts and stops the thread',
  'native/worker/worker.cc': 'starts and stops the thread',
  'native/table/table.h': 'holds compiled tables',
  'native/table/table.cc': 'compiles a table',
  'native/table/exact_set.h': 'changes exact tables in place',
  'native/table/exact_set.cc': 'changes exact tables in place',
  'native/table/linear.h': 'holds a few rules; its vectors are filled once',
  'native/table/linear.cc': 'makes the table of a few rules',
  'native/table/merged.h': 'holds merged sub-tables; its vectors are filled once',
  'native/table/merged.cc': 'builds merged sub-tables',
  'native/table/partition.h': 'chooses masks for merged sub-tables',
  'native/table/partition.cc': 'chooses masks for merged sub-tables',
  'native/table/place.h': 'where a rule is found again',
  'native/table/rebuild.h': 'compiles merged sub-tables beside changes',
  'native/table/rebuild.cc': 'compiles merged sub-tables beside changes',
  'native/table/rest.h': 'compiles merged sub-tables',
  'native/table/rest.cc': 'compiles merged sub-tables',
  'native/table/route_set.h': 'changes route tables in place',
  'native/table/route_set.cc': 'changes route tables in place',
  'native/table/route_slots.h': 'keeps what the control thread knows of slots beside what workers read',
  'native/table/route_slots.cc': 'changes the slots of a route table in place',
  'native/table/route_table.h': 'keeps what the control thread knows of routes beside what workers read',
  'native/table/route_table.cc': 'changes a route table in place',
  'native/table/store.h': 'changes a flow table',
  'native/table/store.cc': 'changes a flow table',
  'native/table/store_rebuild.cc': 'takes a new base into a flow table',
  'native/table/store_stage.cc': 'plans the change of a flow table',
  'native/table/rule.h': 'a rule, as it is compiled',
  'native/state/conntrack.h': "the control thread's verbs",
  'native/state/conntrack.cc': "the control thread's verbs",
  'native/state/ct_list.h': 'connections as they are listed',
  'native/state/ct_shared.h': 'allocates everything at start',
  'native/state/ct_shared.cc': 'allocates everything at start',
  'native/state/ct_snapshot.h': 'writes and reads snapshots',
  'native/state/ct_snapshot.cc': 'writes and reads snapshots',
  'native/meter/counters.h': "allocates a worker's counters before it starts",
  'native/meter/snapshot.h': 'read by the control side',
  'native/port/kernel_link.h': 'asks the kernel for a link',
  'native/port/kernel_link.cc': 'asks the kernel for a link',
  'native/port/port.h': 'opens, closes and describes a port',
  'native/port/port.cc': 'opens, closes and describes a port',
  'native/port/port_set.h': 'the open ports',
  'native/port/spec.h': 'what a port is asked for and reports',
  'native/punt/byte_ring.cc': 'makes and unmakes a ring',
};

/** Each action compiles itself into ops beside applying them; that applying allocates nothing is measured by a native test. */
const actionFiles = filesIn('native/action', '.h', '.cc');

/** What one burst must not do, with the places where it is meant. */
const bans: readonly { readonly what: string; readonly pattern: RegExp; readonly allowed?: readonly string[] }[] = [
  {
    what: 'dispatches virtually',
    pattern: /\bvirtual\b|std::function|\bdynamic_cast\b/,
    // Interfaces that only a probe implements; workers have none.
    allowed: ['native/pipeline/pipeline.h', 'native/port/tx_buffer.h'],
  },
  {
    what: 'allocates',
    allowed: actionFiles,
    pattern:
      /\bnew\s+[\w:]+|\b(m|c|re)alloc\(|rte_(z|c)?malloc|make_unique|make_shared|std::(vector|string|map|deque|list)\b|unordered_/,
  },
  {
    what: 'locks',
    pattern:
      /std::(mutex|shared_mutex|lock_guard|unique_lock|scoped_lock|condition_variable)|rte_(spin|rw|tick)lock|pthread_mutex/,
  },
  { what: 'logs', pattern: /\b(f|s|sn)?printf\(|RTE_LOG|rte_log\(|std::(cout|cerr|clog)/ },
  { what: 'throws', pattern: /\bthrow\b/ },
  {
    what: 'makes a system call',
    // Methods may be called so, too.
    pattern: /(?<![.>])\b(nanosleep|usleep|clock_gettime|gettimeofday|poll|epoll_wait|read|write|syscall)\(/,
    // A worker that found nothing for long sleeps, and has a method called poll. After a lap that was long it asks whether it ran.
    allowed: ['native/worker/loop.cc', 'native/worker/worker.h', 'native/meter/thread_clock.cc'],
  },
];

/** Without comments and literals, which may say anything. */
const codeOf = (text: string): string =>
  text
    .replace(/\/\/.*$/gm, '')
    .replace(/\/\*[^]*?\*\//g, '')
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""');

const hotFiles = hotRooms.flatMap((room) => filesIn(`native/${room}`, '.h', '.cc')).filter((file) => !(file in controlFiles));

for (const { what, pattern, allowed = [] } of bans)
  test(`nothing on the packet path ${what}`, (t) => {
    t.true(hotFiles.length > 15);
    const guilty = hotFiles.filter((file) => !allowed.includes(file) && pattern.test(codeOf(textOf(file))));
    t.deepEqual(guilty, [], `if it is control code, say so in controlFiles with its reason`);
  });

test('the lists of exceptions name files that exist', (t) => {
  const all = new Set(filesIn('native', '.h', '.cc'));
  const named = [...Object.keys(controlFiles), ...bans.flatMap((ban) => ban.allowed ?? [])];
  t.deepEqual(
    named.filter((file) => !all.has(file)),
    [],
  );
});

test('the bans see what they are for', (t) => {
  const guilty = 'virtual void f(); auto* p = new Burst; std::mutex m; printf("x"); throw 1; nanosleep(&t, nullptr);';
  t.true(bans.every(({ pattern }) => pattern.test(codeOf(guilty))));
  t.false(
    bans.some(({ pattern }) => pattern.test(codeOf('// a virtual new mutex: printf(, throw\nconst char* s = "new Burst";'))),
  );
});
