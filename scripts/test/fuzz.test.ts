// SPDX-License-Identifier: GPL-2.0-only
import { dbusMessagePath } from '@fastipc/native';
import test from 'ava';
import { readFile } from 'node:fs/promises';
import { createFuzzCommand, fuzzTable } from '../src/fuzz/command.js';
import { splitMessages } from '../src/fuzz/messages.js';
import { chooseMessages } from '../src/fuzz/record-traffic.js';
import type { FuzzResult } from '../src/fuzz/run-target.js';
import { parseStatistics } from '../src/fuzz/statistics.js';

const report = {
	say: () => undefined,
	progress: () => ({ update: () => undefined, stop: () => undefined }),
};

const good: FuzzResult = {
	target: 'differential',
	seconds: 2,
	executions: 30_000,
	newInputs: 12,
	verdicts: new Map([
		['valid', 10],
		['Message is corrupted (Bad path)', 30],
	]),
	finding: undefined,
	complaint: undefined,
};

const bad: FuzzResult = {
	...good,
	target: 'message',
	finding: '/results/crash-1',
	complaint: 'no!',
};

/** The command line with results that were never run for. */
async function run(words: string[], results: FuzzResult[]) {
	const printed: string[] = [];
	const asked: unknown[] = [];
	const command = createFuzzCommand({
		fuzz: ({ targets, seconds, executions }) => {
			asked.push({ targets, seconds, executions });
			return Promise.resolve(results);
		},
		record: () => Promise.resolve('recorded'),
		print: (line) => printed.push(line),
		report,
		interrupt: new AbortController().signal,
	})
		.exitOverride()
		.configureOutput({ writeErr: () => undefined });
	const error: unknown = await command.parseAsync(words, { from: 'user' }).then(
		() => undefined,
		(reason: unknown) => reason,
	);
	return { printed: printed.join('\n'), asked, error };
}

test('all targets run for a minute each unless it is said', async (t) => {
	t.deepEqual((await run([], [good])).asked, [
		{ targets: ['message', 'differential'], seconds: 60, executions: undefined },
	]);
	const words = ['--seconds', '5', '--executions', '7', '--target', 'message'];
	t.deepEqual((await run(words, [good])).asked, [
		{ targets: ['message'], seconds: 5, executions: 7 },
	]);
});

for (const words of [['--seconds', '0'], ['--seconds', 'x'], ['--target', 'x'], ['x']]) {
	test(`refused: ${words.join(' ')}`, async (t) => {
		const { asked, error } = await run(words, []);
		t.deepEqual(asked, []);
		t.true(error instanceof Error);
	});
}

test('executions, those in a second, and findings are printed', async (t) => {
	const { printed, error } = await run([], [good]);
	t.is(error, undefined);
	t.regex(printed, /differential │ +30,000 │ +15,000 │ +12 │ 2 kinds, 25 % valid │ +0 │/);
});

test('a finding is a failure that names the file', async (t) => {
	const { printed, error } = await run([], [bad, good]);
	t.regex(printed, /message .*│ +1 │/);
	t.true(error instanceof Error);
	t.regex(
		String(error),
		/there was a finding:\nmessage: no!\nthe input .* is \/results\/crash-1; again: /,
	);
	t.regex(fuzzTable([bad]), /message/);
});

const ending = [
	'stat::number_of_executed_units: 1029',
	'stat::average_exec_per_sec:     49',
	'stat::new_units_added:          199',
	'verdict::valid: 402',
	'verdict::Message is corrupted (Bad path): 58',
];

test("libFuzzer's statistics are read", (t) => {
	t.deepEqual(parseStatistics(['#2 INITED', ...ending]), {
		executions: 1029,
		newInputs: 199,
		verdicts: new Map([
			['valid', 402],
			['Message is corrupted (Bad path)', 58],
		]),
		finding: undefined,
		complaint: undefined,
	});
});

for (const complaint of [
	'dbus-message/compare.h:138: not valid == (expected != NULL): a message of 60 bytes is valid, not to libdbus',
	'==123==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000011',
	'message.c:100:12: runtime error: shift exponent 33 is too large for 32-bit type',
]) {
	test(`a finding is read: ${complaint}`, (t) => {
		const written = "artifact_prefix='/r/'; Test unit written to /r/crash-0123";
		const { finding, ...rest } = parseStatistics([complaint, written, ...ending]);
		t.is(finding, '/r/crash-0123');
		t.is(rest.complaint, complaint);
	});
}

test('statistics that are missing are an error', (t) => {
	t.throws(() => parseStatistics(['nothing']), { message: /didn't print .*\nnothing/ });
});

test('recorded traffic is taken apart, and none of it would be dropped', async (t) => {
	const messages = splitMessages(await readFile(dbusMessagePath('traffic.dbus')));
	t.true(messages.length > 50);
	t.is(chooseMessages(messages).length, messages.length);
});

test('what differs in numbers only is kept once', (t) => {
	const message = (text: string) => Buffer.from(text);
	const kept = chooseMessages(['l :1.2', 'l :1.3', 'l :1.4x', 'l EndOfTraffic'].map(message));
	t.deepEqual(kept, ['l :1.2', 'l :1.4x'].map(message));
});

test('messages in both byte orders, with padding and a body', (t) => {
	const little = Buffer.alloc(27);
	little.write('l');
	little.writeUInt32LE(3, 4);
	little.writeUInt32LE(5, 12);
	const big = Buffer.alloc(17);
	big.write('B');
	big.writeUInt32BE(1, 4);
	t.deepEqual(splitMessages(Buffer.concat([little, big])), [little, big]);
	t.throws(() => splitMessages(little.subarray(0, 26)), { message: /the last 26 bytes/ });
	t.throws(() => splitMessages(big.subarray(0, 15)), { message: /the last 15 bytes/ });
	t.throws(() => splitMessages(Buffer.alloc(16)), { message: /begins with byte 0/ });
});
