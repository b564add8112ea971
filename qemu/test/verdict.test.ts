// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { commandStatus, parseVerdictLine } from '../src/verdict.js';

const counts = { stdoutBytes: 3, stderrBytes: 0, tainted: 0 };

test('what guest-init says', (t) => {
	t.deepEqual(
		parseVerdictLine('{"started":{"uptimeMilliseconds":812,"processors":2,"tainted":0}}'),
		{
			started: { uptimeMilliseconds: 812, processors: 2, tainted: 0 },
		},
	);
	t.deepEqual(parseVerdictLine('{"complaint":"can\'t mount \\"x\\""}'), {
		complaint: 'can\'t mount "x"',
	});
	t.deepEqual(parseVerdictLine(JSON.stringify({ verdict: { exit: 7, ...counts } })), {
		verdict: { exit: 7, ...counts },
	});
});

test('lines that are none of it', (t) => {
	for (const line of [
		'',
		'{"verdict":{"exit":7,"stdoutBy',
		'7',
		'{"verdict":{}}',
		JSON.stringify({ verdict: counts }),
		JSON.stringify({ verdict: { exit: 0, signal: 9, ...counts } }),
		JSON.stringify({ verdict: { exit: 256, ...counts } }),
		JSON.stringify({ verdict: { exit: 0, ...counts, stdoutBytes: -1 } }),
	]) {
		t.is(parseVerdictLine(line), undefined, line);
	}
});

test("the command's status, as a shell would give it", (t) => {
	t.is(commandStatus({ exit: 7, ...counts }), 7);
	t.is(commandStatus({ signal: 9, ...counts }), 137);
});
