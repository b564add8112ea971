// SPDX-License-Identifier: GPL-2.0-only
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { selftestCommand } from '../src/guest-command.js';
import { parseKtap } from '../src/report/parse-ktap.js';
import { makeTemporaryFolder } from '../src/temporary-folder.js';

const passing = 'echo TAP version 13; echo 1..1; echo ok 1 one';

/** Runs shell scripts in place of selftests; gives the script's status and the tests in short. */
async function runScripts(t: ExecutionContext, scripts: readonly string[]) {
	const folder = await makeTemporaryFolder(t, 'selftests-');
	const selftests = scripts.map((_script, index) => {
		return { name: `mm/${index + 1}`, program: path.join(folder, `${index + 1}`) };
	});
	for (const [index, script] of scripts.entries()) {
		const file = selftests[index]?.program ?? '';
		await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
	}
	const [command = '', ...words] = selftestCommand(selftests).command;
	const { exitCode, stdout } = await execa(command, words, { reject: false });
	const tests = parseKtap(stdout).map(({ suite, title, status, reason = '' }) => {
		return `${status} ${suite}/${title} ${reason}`.trimEnd();
	});
	return { exitCode, tests };
}

test('programs run one after another, each in its own folder', async (t) => {
	const where = 'test "$(pwd)" = "$(dirname "$0")" && ';
	const result = await runScripts(t, [where + passing, passing]);
	t.deepEqual(result, { exitCode: 0, tests: ['passed mm/1/one', 'passed mm/2/one'] });
});

test('of a program only those tests run that are wanted', async (t) => {
	const folder = await makeTemporaryFolder(t, 'selftests-');
	const program = path.join(folder, 'one');
	await writeFile(program, `#!/bin/sh\n${passing} "$@"\n`, { mode: 0o755 });
	const [command = '', ...words] = selftestCommand([
		{ name: 'mm/some', program, only: ['first', 'second'] },
		{ name: 'mm/all', program },
	]).command;
	const { exitCode, stdout } = await execa(command, words);
	t.is(exitCode, 0);
	t.deepEqual(
		parseKtap(stdout).map(({ suite, title, status }) => `${status} ${suite}/${title}`),
		['passed mm/some/one -t first -t second', 'passed mm/all/one'],
	);
});

test('a program runs on the first processor, or on those that are wanted', async (t) => {
	const allowed = '$(sed -n "s/^Cpus_allowed_list:\\t//p" /proc/self/status)';
	const folder = await makeTemporaryFolder(t, 'selftests-');
	const program = path.join(folder, 'one');
	const script = `echo TAP version 13; echo 1..1; echo "ok 1 on ${allowed}"`;
	await writeFile(program, `#!/bin/sh\n${script} "$@"\n`, { mode: 0o755 });
	const [command = '', ...words] = selftestCommand([
		{ name: 'usual', program },
		{ name: 'both', program, only: ['x'], cpus: '0,1' },
	]).command;
	const { stdout } = await execa(command, words);
	t.deepEqual(
		parseKtap(stdout).map(({ suite, title }) => `${suite}/${title}`),
		['usual/on 0', `both/on ${os.availableParallelism() > 1 ? '0-1' : '0'} -t x`],
	);
});

const endings: [string, string, string[]][] = [
	[
		'is killed amid its tests',
		'echo TAP version 13; echo 1..2; echo ok 1 one; kill -SEGV $$',
		['passed mm/1/one', 'crashed mm/1/1 of 2 planned tests reported 1 of 2 planned tests reported'],
	],
	[
		'ends badly after its tests',
		`${passing}; exit 1`,
		['passed mm/1/one', 'failed /mm/1 it ended with status 1'],
	],
	[
		'skips everything',
		'echo TAP version 13; echo "1..0 # SKIP"; exit 4',
		['failed /mm/1 it skipped everything'],
	],
];

for (const [ending, script, expected] of endings) {
	test(`a program that ${ending} fails, and the next one runs`, async (t) => {
		const { exitCode, tests } = await runScripts(t, [script, passing]);
		t.is(exitCode, 1);
		t.deepEqual(tests, [...expected, 'passed mm/2/one']);
	});
}

for (const [how, result, exitCode, expected] of [
	['passes', 'ok 1 suite', 0, ['passed kunit/suite › suite/one']],
	['fails', 'not ok 1 suite', 1, ['failed kunit/suite › suite/one']],
] as const) {
	test(`a suite of KUnit is run by its folder, and ${how}`, async (t) => {
		const folder = await makeTemporaryFolder(t, 'selftests-');
		const one = `    ${result.replace('suite', 'one')}`;
		const text = ['KTAP version 1', '1..1', '    KTAP version 1', '    1..1', one, result];
		await writeFile(path.join(folder, 'results'), `${text.join('\n')}\n`);
		await writeFile(path.join(folder, 'run'), '');
		const [command = '', ...words] = selftestCommand([
			{ name: 'kunit/suite', program: folder },
		]).command;
		const ended = await execa(command, words, { reject: false });
		t.is(ended.exitCode, exitCode);
		t.deepEqual(
			parseKtap(ended.stdout).map(({ suite, title, status }) => `${status} ${suite}/${title}`),
			expected,
		);
		t.is(await readFile(path.join(folder, 'run'), 'utf8'), 'run\n');
	});
}
