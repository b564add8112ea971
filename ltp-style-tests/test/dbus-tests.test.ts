// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import {
	describeDelivery,
	describesDelivery,
	findDifference,
	findFault,
	findLackOfDelivery,
} from '../src/dbus-tests/judge.js';
import { countResults, parseInstalledTest } from '../src/dbus-tests/programs.js';
import { countEvents } from '../src/dbus-tests/watch.js';

const good = { status: 0, results: { passed: 3, failed: 0, skipped: 1 } };
const nothing = { daemons: 0, accepted: 0, delivered: 0 };

test('the command of an installed test is found', (t) => {
	const text = '[Test]\nType=session\nOutput=TAP\nExec=env A=b /usr/lib/x --tap\n';
	t.is(parseInstalledTest(text, 'x.test'), 'env A=b /usr/lib/x --tap');
	t.throws(() => parseInstalledTest('[Test]\n', 'x.test'), { message: /x\.test has no line/ });
});

test('results are counted', (t) => {
	const tap = '1..4\nok 1 /a\nnot ok 2 /b\nok 3 # SKIP no root\nnot ok 4 # TODO\nnot okay\n';
	t.deepEqual(countResults(tap), { passed: 2, failed: 1, skipped: 1 });
	t.deepEqual(countResults('ok 1\nBail out! no\n'), { passed: 1, failed: 1, skipped: 0 });
});

test('a program that fails, or only says so, has a fault', (t) => {
	t.is(findFault(good), undefined);
	t.regex(findFault({ ...good, status: 1 }) ?? '', /status 1/);
	t.regex(findFault({ ...good, status: undefined }) ?? '', /too long/);
	const results = { passed: 3, failed: 1, skipped: 0 };
	t.regex(findFault({ status: 0, results }) ?? '', /1 failed/);
});

test('on AF_DBUS it must do the same, and a daemon must have met the kernel', (t) => {
	t.is(findDifference(good, good, nothing), undefined);
	t.is(findDifference(good, good, { ...nothing, daemons: 2, accepted: 1 }), undefined);
	t.regex(findDifference(good, good, { ...nothing, daemons: 2 }) ?? '', /daemon 2 times/);
	t.regex(findDifference(good, { ...good, status: 1 }, nothing) ?? '', /status 1/);
	const fewer = { status: 0, results: { passed: 2, failed: 0, skipped: 2 } };
	t.regex(findDifference(good, fewer, nothing) ?? '', /2 passed.*on AF_UNIX 3 passed/);
});

test('of all programs, in some the kernel must have delivered messages', (t) => {
	t.is(findLackOfDelivery([0, 3, 0]), undefined);
	t.regex(findLackOfDelivery([0, 0, 0]) ?? '', /none of 3 programs/);
	t.regex(findLackOfDelivery([]) ?? '', /none of 0/);
});

test('what was delivered is told in a line that is known again', (t) => {
	const line = describeDelivery('AF_DBUS', [0, 3, 4]);
	t.is(line, 'AF_DBUS: 7 messages delivered directly, in 2 of 3 programs');
	t.true(describesDelivery(line));
	t.false(describesDelivery('test-dbus: 2 daemons, 3 connections accepted'));
});

test('events are counted that the buffer has, and those it had no room for', (t) => {
	const stats = (overrun: number) =>
		`entries: 12\noverrun: ${overrun}\ncommit overrun: 7\nbytes: 40\noldest event ts:  1.000\nnow ts:  2.000\ndropped events: 1\nread events: 5\n`;
	t.is(countEvents(stats(0)), 13);
	t.is(countEvents(stats(100)), 113);
	t.throws(() => countEvents('overrun: 0\n'), { message: /no line "entries: "/ });
});
