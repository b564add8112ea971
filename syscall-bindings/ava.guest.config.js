// SPDX-License-Identifier: GPL-2.0-only
// The same tests inside the guest, where the new calls exist: compiled, as compiling there
// takes minutes under TCG. Whether the examples' types are right is the host's to find.
export default {
	files: ['dist/test/*.test.js', '!dist/test/examples-types.test.js'],
	// ffi-rs crashes in worker threads.
	workerThreads: false,
	// The root file system can't be written; without a cache AVA keeps what it needs in /tmp.
	cache: false,
	concurrency: 2,
	// For how long no test may end.
	timeout: '2m',
};
