// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { execa } from 'execa';
import { fileURLToPath } from 'node:url';

async function helpOf(...[verb, ...words]: [string, ...string[]]): Promise<string> {
	const program = fileURLToPath(new URL(`../src/${verb}.js`, import.meta.url));
	const { stdout } = await execa(process.execPath, [...process.execArgv, program, ...words]);
	return stdout;
}

for (const verb of ['start', 'test', 'vm', 'bench', 'fuzz', 'kernel', 'series']) {
	test(`what ${verb} --help says can be typed`, async (t) => {
		const npm = verb === 'start' || verb === 'test' ? 'npm' : 'npm run';
		t.true((await helpOf(verb, '--help')).startsWith(`Usage: ${npm} ${verb} -- [options]`));
	});
}

test("a subcommand's too", async (t) => {
	t.true(
		(await helpOf('bench', 'dbus', '-h')).startsWith('Usage: npm run bench -- dbus [options]'),
	);
});
