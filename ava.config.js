// SPDX-License-Identifier: GPL-2.0-only
// The host's unit tests, as tsc compiled them: it has to run first. What must hold inside the
// guest is in ltp-style-tests/tests, and has a configuration of its own.
const parts = [
	'kernel-patches',
	'ltp-style-tests',
	'native',
	'qemu',
	'scripts',
	'syscall-bindings',
];

export default {
	files: ['*/test/**/*.test.ts'],
	typescript: {
		compile: false,
		rewritePaths: Object.fromEntries(parts.map((part) => [`${part}/test/`, `${part}/dist/test/`])),
	},
	// ffi-rs crashes in worker threads.
	workerThreads: false,
	timeout: '2m',
};
