// SPDX-License-Identifier: GPL-2.0-only
import { listSeries } from '@fastipc/kernel-patches';
import test from 'ava';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSeriesCommand } from '../src/series.js';

test('npm run series -- list names every series and each of its patches', async (t) => {
	const printed: string[] = [];
	const command = createSeriesCommand((line) => {
		printed.push(line);
	});
	await command.parseAsync(['list'], { from: 'user' });
	const all = await listSeries();
	t.is(printed.length, all.length + all.flatMap((series) => series.patches).length);
	for (const { name, title } of all) {
		t.true(printed.some((line) => line.startsWith(`${name}: ${title} (`)));
	}
});

test('the help of figures names the bench of each series that has figures', async (t) => {
	const program = fileURLToPath(new URL('../src/series.js', import.meta.url));
	const words = [...process.execArgv, program, 'figures', '--help'];
	const { stdout } = await execa(process.execPath, words);
	const lines = stdout.split('\n');
	t.true(lines.includes('  cross-memory    npm run bench -- copy --json FILE'));
	t.true(lines.includes('  af-dbus         npm run bench -- dbus --without-direct --json FILE'));
	t.true(lines.includes('  af-dbus-direct  npm run bench -- dbus --json FILE'));
});

test('a series that is not there is refused with those that are', async (t) => {
	const program = fileURLToPath(new URL('../src/series.js', import.meta.url));
	const result = await execa(
		process.execPath,
		[...process.execArgv, program, 'export', 'no-such-series'],
		{ reject: false },
	);
	t.is(result.exitCode, 1);
	t.regex(result.stderr, /^fastipc: there is no series no-such-series; there is: /);
});

test('mail wants to know who mails, in an address that can be answered', async (t) => {
	const program = fileURLToPath(new URL('../src/series.js', import.meta.url));
	const out = path.join(tmpdir(), `fastipc-no-mails-${process.pid}`);
	for (const [from, message] of [
		[[], /^error: required option '--from <name and address>' not specified$/m],
		[
			['--from', 'ada@kernel.org'],
			/^fastipc: --from "ada@kernel\.org": expected "Name <address>"$/m,
		],
		[['--from', 'Ada <ada@fastipc.invalid>'], /^fastipc: .*no mail reaches ada@fastipc\.invalid/m],
	] as const) {
		const words = [...process.execArgv, program, 'mail', 'af-dbus', '--out', out, ...from];
		const result = await execa(process.execPath, words, { reject: false });
		t.is(result.exitCode, 1);
		t.regex(result.stderr, message);
		t.is(result.stdout, '');
		t.false(existsSync(out));
	}
});
