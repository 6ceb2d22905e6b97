export default {
  files: ['test/**/*.test.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=tsx'],
  // Loader hooks do not reach worker threads on Node 20, and DPDK's EAL starts once in a process.
  workerThreads: false,
  // Cores and hugepages are shared by all test files.
  concurrency: 1,
  timeout: '60s',
};
