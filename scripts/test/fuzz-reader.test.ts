// SPDX-License-Identifier: GPL-2.0-only
// The kernel's reader of D-Bus messages: its KUnit tests, and libdbus's verdict on the messages in
// them, on recorded traffic and on random messages. `npm run fuzz` goes on from there.
import { buildDbusTest, dbusMessagePath, nativePath } from '@fastipc/native';
import test from 'ava';
import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { takeMessageSources } from '../src/fuzz/sources.js';

const isMissing = !existsSync('/usr/include/dbus-1.0/dbus/dbus.h');
const run = isMissing ? test.skip : test.serial;

/** The reason stands where the report of `npm test` looks for it. */
function titled(title: string): string {
	return isMissing ? `${title} ⟨skipped: Debian's package libdbus-1-dev is missing⟩` : title;
}

async function runTest(file: string, count: number) {
	await buildDbusTest(await takeMessageSources());
	return await execa(nativePath('test-message'), [file, `${count}`], { all: true, reject: false });
}

run(titled('it reads messages as libdbus does'), async (t) => {
	const result = await runTest(dbusMessagePath('traffic.dbus'), 20_000);
	t.is(result.exitCode, 0, result.all);
	const lines = result.stdout.split('\n');
	t.deepEqual(
		lines.filter((line) => line.startsWith('not ok') || line.includes('# SKIP')),
		[],
	);
	const passed = lines.filter((line) => line.startsWith('ok ')).length;
	t.is(lines.at(-1), `1..${passed}`);
	t.true(passed > 250, `${passed} tests`);
	t.regex(result.stdout, /^ok \d+ - [1-9]\d+ messages of the file$/m);
	t.regex(result.stderr, /^verdict::valid: \d{4,}$/m);
	t.regex(result.stderr, /Variants cannot be used to create a hugely recursive tree of values/);
});

run(titled('a file with half a message is refused'), async (t) => {
	const directory = await mkdtemp(path.join(os.tmpdir(), 'dbus-message-'));
	t.teardown(() => rm(directory, { recursive: true }));
	const file = path.join(directory, 'half.dbus');
	await writeFile(
		file,
		Buffer.from('l\u0002\u0000\u0001\u0008\u0000\u0000\u0000'.padEnd(24, '\u0001')),
	);
	const result = await runTest(file, 1);
	t.regex(result.stderr, /no message at 0 of /);
	t.not(result.exitCode, 0);
});
