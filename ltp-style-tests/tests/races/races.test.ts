// SPDX-License-Identifier: GPL-2.0-only
// What may happen while the calls copy. native/build/copy-races judges each call that comes back,
// and fails too where the race wasn't met, so that its status is the result.
import { nativePath } from '@fastipc/native';
import { syscallNumbers } from '@fastipc/syscall-bindings';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { defineTable } from '../../src/needs/define-test.js';
import { races } from '../../src/races.js';

const run = promisify(execFile);
const seconds = process.env['FASTIPC_RACE_SECONDS'] ?? '1';

defineTable({
	rows: races,
	title: ({ name, meets }) => `race ${name}: ${meets}`,
	needs: ({ config = [] }) => ({
		root: true,
		cpus: 2,
		config,
		systemCalls: ['copy_from_process', 'copy_to_process'],
	}),
	check: async (t, { name }) => {
		const { copy_from_process: from, copy_to_process: to } = syscallNumbers;
		const words = ['--from', String(from), '--to', String(to), name, seconds];
		const { stdout } = await run(nativePath('copy-races'), words);
		// How often what came back, for whoever reads the log.
		t.log(stdout.trimEnd());
		t.regex(stdout, new RegExp(`^{"race":"${name}",.*}\n$`));
	},
});
