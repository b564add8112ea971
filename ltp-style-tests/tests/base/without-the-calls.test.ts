// SPDX-License-Identifier: GPL-2.0-only
// The unpatched kernel: without the series' option the calls aren't there, whatever they are given.
import { copyFromProcess, copyToProcess, isSystemError } from '@fastipc/syscall-bindings';
import { expectOutcome } from '../../src/calls/expect.js';
import { newWays } from '../../src/calls/ways.js';
import { defineTable, defineTest } from '../../src/needs/define-test.js';
import type { Needs } from '../../src/needs/needs.js';
import { comparePreload } from '../../src/process/preload-comparison.js';
import { startProcess } from '../../src/process/test-process.js';

const needs: Needs = { kernels: ['base'] };

defineTable({
	rows: newWays,
	title: (way) => `${way.name}: ENOSYS`,
	needs,
	check: async (t, way) => {
		const process = await startProcess(t);
		const address = await process.map('anonymous', 1);
		const call = { pid: BigInt(process.id), address, length: 1n, buffer: address };
		expectOutcome(t, await process.copy(way, call), 'ENOSYS');
		expectOutcome(t, await process.copy(way, { ...call, flags: -1n }), 'ENOSYS', 'wrong flags');
	},
});

defineTable({
	rows: [copyFromProcess, copyToProcess],
	title: (copy) => `${copy.name}(): ENOSYS, and what to do`,
	needs,
	check: (t, copy) => {
		const error = t.throws(() => copy(process.pid, 0n, new Uint8Array(1)));
		t.true(isSystemError(error, 'ENOSYS'), String(error));
		t.regex(error.message, /npm run vm/);
	},
});

defineTest({
	title: 'preload: tries a new call once, and leaves everything to the old ones',
	needs,
	check: async (t) => {
		const rounds = 300;
		const { counts } = await comparePreload(t, ['--rounds', `${rounds}`]);
		const sum = (...names: string[]) =>
			names.reduce((total, name) => total + (counts.get(`${name}_calls`) ?? Number.NaN), 0);
		t.is(sum('copy_from_process', 'copy_to_process'), 1);
		t.is(sum('process_vm_readv', 'process_vm_writev'), rounds);
	},
});
