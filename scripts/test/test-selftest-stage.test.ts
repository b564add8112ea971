// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { chooseStorm, chooseTestsUnder } from '../src/test/selftest-stage.js';

const names = ['net/dbus/as_unix', 'net/dbus/dbus_socket', 'net/dbus/dbus_direct'];
const selftests = names.map((name) => ({ name, program: `/x/${name}` }));

test('under Smack only the tests that look at labels run', (t) => {
	t.deepEqual(chooseTestsUnder('smack', selftests), [
		{ name: 'net/dbus/as_unix', program: '/x/net/dbus/as_unix', only: ['credentials', 'peer'] },
		{ name: 'net/dbus/dbus_direct', program: '/x/net/dbus/dbus_direct', only: ['security_label'] },
	]);
});

test('a selftest whose tests look at labels has to be there', (t) => {
	t.throws(() => chooseTestsUnder('smack', selftests.slice(1)), { message: /net\/dbus\/as_unix/ });
});

test('the storm runs alone, on both processors', (t) => {
	t.deepEqual(chooseStorm(selftests), {
		name: 'net/dbus/dbus_direct',
		program: '/x/net/dbus/dbus_direct',
		only: ['storm'],
		cpus: '0,1',
	});
	t.throws(() => chooseStorm(selftests.slice(0, 2)), { message: /net\/dbus\/dbus_direct/ });
});
