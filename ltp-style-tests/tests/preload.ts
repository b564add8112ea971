// SPDX-License-Identifier: GPL-2.0-only
// The library that gives programs the new calls in place of process_vm_readv() and
// process_vm_writev(): no program may see a difference.
import { defineTable } from '../src/needs/define-test.js';
import { comparePreload } from '../src/process/preload-comparison.js';

const rounds = 1200;

/** Every result that the old calls have; each has to be met for the comparison to mean something. */
const allResults = ['whole', 'partial', 'nothing', 'EFAULT', 'EINVAL', 'ESRCH', 'EPERM'];

defineTable({
	rows: [
		{ where: 'the main thread', parameters: ['--seed', '1'] },
		{ where: 'another thread', parameters: ['--seed', '2', '--thread'] },
	],
	title: ({ where }) =>
		`preload: results, errno and every byte as of process_vm_readv and process_vm_writev, in ${where}`,
	needs: { root: true, systemCalls: ['copy_from_process', 'copy_to_process', 'process_vm_readv'] },
	check: async (t, { parameters }) => {
		const { results, counts } = await comparePreload(t, [...parameters, '--rounds', `${rounds}`]);
		t.deepEqual(
			allResults.filter((name) => (results.get(name) ?? 0) < 10),
			[],
			'results that were hardly met',
		);
		const count = (name: string) => counts.get(name) ?? Number.NaN;
		const pairs = [
			['copy_from_process', 'process_vm_readv'],
			['copy_to_process', 'process_vm_writev'],
		] as const;
		for (const [call, old] of pairs) {
			t.true(count(`${call}_calls`) > rounds / 2, `${call} did the work`);
			// What is wrong, or looks as if it were, is for the old calls to answer.
			t.true(count(`${old}_calls`) < rounds / 4, `${old} was hardly called`);
			t.true(count(`${old}_bytes`) < count(`${call}_bytes`) / 20, `${old} hardly copied`);
		}
	},
});
