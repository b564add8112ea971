// SPDX-License-Identifier: GPL-2.0-only
import test, { type ExecutionContext } from 'ava';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Architecture } from '../../src/cross/architectures.js';
import { checkGenerated } from '../../src/cross/check-generated.js';
import { makeTemporaryFolder } from '../helpers/temporary.js';

const architecture: Architecture = {
	name: 'arm64',
	arch: 'arm64',
	folder: 'arm64',
	prefix: '',
	configuration: 'defconfig',
	tables: ['asm/table.h'],
	headers: ['uapi/asm/numbers.h'],
};

const numbers = { copy_from_process: 473, copy_to_process: 474 };

const table = `__SYSCALL(472, sys_fchroot)
__SYSCALL(473, sys_copy_from_process)
__SYSCALL_WITH_COMPAT(474, sys_copy_to_process, compat_sys_copy_to_process)
`;
const header = `#define __NR_copy_from_process 473
#define __NR_copy_to_process 474
`;

/** What is said of these two files; undefined for one that is not there. */
async function differences(
	t: ExecutionContext,
	tableText: string | undefined,
	headerText: string | undefined,
): Promise<string[]> {
	const objects = await makeTemporaryFolder(t);
	const files = { 'asm/table.h': tableText, 'uapi/asm/numbers.h': headerText };
	for (const [name, text] of Object.entries(files)) {
		const file = path.join(objects, 'arch/arm64/include/generated', name);
		await mkdir(path.dirname(file), { recursive: true });
		if (text !== undefined) {
			await writeFile(file, text);
		}
	}
	return await checkGenerated(architecture, objects, numbers);
}

const rows: [string, string | undefined, string | undefined, string[]][] = [
	['the right numbers', table, header, []],
	[
		'another number',
		table.replace('(473', '(475'),
		header,
		['asm/table.h: copy_from_process has number 475, expected 473'],
	],
	[
		'a call that is missing',
		table,
		header.replace(/.*474\n/, ''),
		['uapi/asm/numbers.h: copy_to_process has number none, expected 474'],
	],
	[
		'a call with a similar name',
		table.replace('sys_copy_from_process)', 'sys_copy_from_processor)'),
		header,
		['asm/table.h: copy_from_process has number none, expected 473'],
	],
	[
		'a call that leads nowhere',
		table.replace('sys_copy_from_process', 'sys_ni_syscall'),
		header,
		['asm/table.h: copy_from_process has number none, expected 473'],
	],
	['a missing file', table, undefined, ['uapi/asm/numbers.h was not generated']],
];

for (const [what, tableText, headerText, expected] of rows) {
	test(`generated files with ${what}`, async (t) => {
		t.deepEqual(await differences(t, tableText, headerText), expected);
	});
}
