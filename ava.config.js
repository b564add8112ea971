// SPDX-License-Identifier: GPL-2.0-only
// The host's unit tests. What must hold inside the guest is in ltp-style-tests/tests,
// and has a configuration of its own.
export default {
	files: ['*/test/**/*.test.ts'],
	extensions: { ts: 'module' },
	nodeArguments: ['--import=tsx', '--conditions=fastipc-source'],
	// ffi-rs crashes in worker threads.
	workerThreads: false,
	timeout: '2m',
};
