// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { callRows, parseCall, sizes, type Call } from '../src/bench/dbus/calls.js';
import { callsTable } from '../src/bench/dbus/calls-table.js';

/** Calls of all sizes, the smallest of which costs so many times as much on AF_DBUS. */
function callsWith(smallest: number): Call[] {
	return sizes.flatMap((bytes) => {
		const unix = 100_000 + bytes;
		const dbus = Math.round(unix * (bytes === 0 ? smallest : 1.01));
		return [
			{ sockets: 'AF_UNIX', bytes, nanosecondsPerCall: unix },
			{ sockets: 'AF_DBUS', bytes, nanosecondsPerCall: dbus },
		] as const;
	});
}

test('each size is held against AF_UNIX', (t) => {
	const rows = callRows(callsWith(1.06));
	t.deepEqual(
		rows.map(({ kept }) => kept),
		[false, true, true, true, true],
	);
	t.true(callRows(callsWith(1.05)).every(({ kept }) => kept));
});

test('a size that is missing is an error', (t) => {
	t.throws(() => callRows(callsWith(1).slice(1)), { message: /left out 0 bytes on AF_UNIX/ });
});

for (const line of ['nonsense', '{"sockets":"AF_INET"}', '{"bytes":-1}']) {
	test(`no call: ${line}`, (t) => {
		t.throws(() => parseCall(line), {
			message: `bus-calls printed a line that isn't a call: ${line}`,
		});
	});
}

test('the table shows what was missed', (t) => {
	const text = callsTable(callRows(callsWith(1.06)));
	t.regex(text, /100,000 │ 106,000 │ 1\.060 ≤ 1\.05 ✗/);
	t.regex(text, /1\.010 ≤ 1\.05 ✓/);
});
