// SPDX-License-Identifier: GPL-2.0-only
// What runs in the guest: compiled JavaScript, as compiling there takes minutes under TCG.
const changesTheMachine = (file) => file.endsWith('/calls.test.js');

export default {
	files: ['dist/tests/**/*.test.js'],
	// Last, as it waits at its end until the others have ended; then it changes the machine for good.
	sortTestFiles: (one, other) => Number(changesTheMachine(one)) - Number(changesTheMachine(other)),
	// ffi-rs crashes in worker threads.
	workerThreads: false,
	// The root file system can't be written; without a cache AVA keeps what it needs in /tmp.
	cache: false,
	concurrency: 2,
	// For how long no test may end: the debug kernel under TCG takes most of a minute to begin.
	timeout: '3m',
};
