// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { CommanderError } from 'commander';
import { parseTestArguments } from '../src/test/arguments.js';

const refuses = (words: string[]) => () => parseTestArguments(words);

test('no kernel is named unless it was asked for', (t) => {
	t.deepEqual(parseTestArguments([]), { hostOnly: false });
	t.deepEqual(
		parseTestArguments(['--kernel', 'debug', '--match', 'copy*', '--image', '/boot/bzImage']),
		{ kernel: 'debug', hostOnly: false, match: 'copy*', image: '/boot/bzImage' },
	);
	t.is(parseTestArguments(['--host-only']).hostOnly, true);
	t.deepEqual(parseTestArguments(['--races', '30']), { hostOnly: false, races: 30 });
	t.deepEqual(parseTestArguments(['--storm', '600']), { hostOnly: false, storm: 600 });
});

test('what makes no sense is refused', (t) => {
	t.throws(refuses(['--dbus-tests', '--kernel', 'base']), { message: /kernel with AF_DBUS/ });
	t.throws(refuses(['--dbus-tests', '--races', '1']), { message: /runs nothing else/ });
	t.throws(refuses(['--kernel', 'stable']), { instanceOf: CommanderError });
	t.throws(refuses(['--image', 'bzImage']), {
		message: /--image needs --kernel with one of release, debug, base, rt, kcsan, module,/,
	});
	t.throws(refuses(['--image', 'bzImage', '--kernel', 'all']), { message: /--image needs/ });
	t.throws(refuses(['release']), { instanceOf: CommanderError });
	t.throws(refuses(['--races', '0']), { message: /whole number of seconds from 1/ });
	t.throws(refuses(['--races', '1.5']), { message: /whole number of seconds/ });
	t.throws(refuses(['--races', '30', '--kernel', 'base']), { message: /races need the calls/ });
	t.throws(refuses(['--storm', '3001']), { message: /seconds from 1 to 3000/ });
	t.throws(refuses(['--storm', '9', '--kernel', 'module']), { message: /AF_DBUS built in/ });
	t.throws(refuses(['--storm', '9', '--races', '30']), { message: /runs nothing else/ });
	t.throws(refuses(['--storm', '9', '--dbus-tests']), { message: /runs nothing else/ });
	t.throws(refuses(['--races', '30', '--host-only']), { message: /races need the calls/ });
});
