// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { packagesFor } from '../bootstrap/debian-packages.js';

const namesFor = (verb: string, words: string[]): string[] =>
	packagesFor(verb, words).map(({ name }) => name);

test('a command gets what it needs beyond what all need', (t) => {
	const everybody = namesFor('vm', ['true']);
	const more = (verb: string, words: string[]): string[] =>
		namesFor(verb, words).filter((name) => !everybody.includes(name));
	t.true(everybody.includes('qemu-system-x86'));
	t.deepEqual(more('kernel', ['build']), []);
	t.true(more('kernel', ['cross']).includes('gcc-s390x-linux-gnu'));
	t.deepEqual(more('bench', ['mpi']), ['openmpi-bin', 'libopenmpi-dev', 'hpcc']);
	t.true(more('test', ['--dbus-tests']).includes('dbus-tests'));
	t.true(more('series', ['check', '--all']).includes('coccinelle'));
	t.deepEqual(more('series', ['mail', 'af-dbus']), ['git-email', 'libmailtools-perl']);
});
