// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { parseOutput, type MpiRunOutput } from '../src/bench/mpi/output.js';
import { bytesOfLargeMessages, describeUse, requireUse } from '../src/bench/mpi/usage.js';

const begin = (more: object = {}) =>
	`begin ${JSON.stringify({ program: 'ping-pong', mechanism: 'copy_process', ranks: 2, run: 4, preload: 'copied', ...more })}`;

const countsLine = (more: object = {}) =>
	JSON.stringify({
		program: 'mpi-ping-pong',
		pid: 71,
		copy_from_process_calls: 406,
		copy_from_process_bytes: 26_607_616,
		copy_to_process_calls: 0,
		copy_to_process_bytes: 0,
		process_vm_readv_calls: 0,
		process_vm_readv_bytes: 0,
		process_vm_writev_calls: 0,
		process_vm_writev_bytes: 0,
		...more,
	});

const messageLine = '{"bytes":65536,"messages":406,"microseconds":81.250}';
const smallLine = '{"bytes":32768,"messages":406,"microseconds":41.250}';

function parseOne(...lines: string[]): MpiRunOutput {
	const [output] = parseOutput(lines);
	if (output === undefined) {
		throw new Error('nothing was parsed');
	}
	return output;
}

test('what a run printed belongs to what had begun', (t) => {
	const outputs = parseOutput([
		begin(),
		smallLine,
		messageLine,
		countsLine(),
		countsLine({ pid: 72 }),
		begin({ program: 'hpcc', ranks: 4, preload: undefined }),
		'CommWorldProcs=4',
		'AvgPingPongLatency_usec=5.6e-01',
		'Success=1',
	]);
	t.is(outputs.length, 2);
	t.deepEqual(outputs[0]?.messages, [
		{ bytes: 32768, messages: 406, microseconds: 41.25 },
		{ bytes: 65536, messages: 406, microseconds: 81.25 },
	]);
	t.deepEqual(
		outputs[0]?.counts.map(({ pid }) => pid),
		[71, 72],
	);
	t.like(outputs[1], { program: 'hpcc', ranks: 4, messages: [], counts: [] });
	t.deepEqual(
		[...(outputs[1]?.hpcc ?? [])],
		[
			['CommWorldProcs', 4],
			['AvgPingPongLatency_usec', 0.56],
			['Success', 1],
		],
	);
});

const wrong: readonly (readonly [lines: string[], message: RegExp])[] = [
	[[messageLine], /^a line before anything had begun: \{"bytes"/],
	[['begin {'], /^a line that isn't JSON: begin \{$/],
	[[begin({ mechanism: 'telepathy' })], /^a line that means nothing: begin .*mechanism/s],
	[[begin(), 'WARNING: Open MPI has something to say'], /^a line that isn't JSON: WARNING/],
	[[begin(), '{"bytes":8,"messages":406}'], /^a line that means nothing: .*microseconds/s],
	[[begin(), '{"bytes":8,"messages":406,"microseconds":0}'], /^a line that means nothing/],
	[[begin(), countsLine({ copy_from_process_bytes: -1 })], /^a line that means nothing/],
	[[begin(), countsLine({ process_vm_readv_calls: undefined })], /^a line that means nothing/],
	[[begin({ program: 'hpcc' }), 'Success'], /^a line that means nothing: Success$/],
	[[begin({ program: 'hpcc' }), 'HPL_cpfact=R'], /^a line that means nothing: HPL_cpfact=R$/],
];

for (const [lines, message] of wrong) {
	test(`refused: ${lines.at(-1)}`, (t) => {
		t.throws(() => parseOutput(lines), { message });
	});
}

test('large messages have to be copied by the new calls, all of them', (t) => {
	const output = parseOne(begin(), smallLine, messageLine, countsLine());
	t.is(bytesOfLargeMessages(output), 65536 * 406);
	t.notThrows(() => {
		requireUse(output);
	});
	const short = parseOne(begin(), messageLine, countsLine({ copy_from_process_bytes: 26_607_615 }));
	t.throws(
		() => {
			requireUse(short);
		},
		{
			message:
				'ping-pong on copy_*_process, 2 ranks, run 4: copy_from_process and copy_to_process copied 26607615 bytes, the large messages have 26607616',
		},
	);
});

test('no count, no large message, or an old call: the new calls were not used', (t) => {
	const require = (...lines: string[]) => {
		requireUse(parseOne(...lines));
	};
	t.throws(
		() => {
			require(begin(), messageLine);
		},
		{ message: /copied 0 bytes/ },
	);
	t.throws(
		() => {
			require(begin(), smallLine, countsLine());
		},
		{ message: /large messages have 0$/ },
	);
	t.throws(
		() => {
			require(begin(), messageLine, countsLine({ process_vm_readv_calls: 1 }));
		},
		{
			message: /process_vm_readv and process_vm_writev were called 1 times, expected none$/,
		},
	);
	t.throws(
		() => {
			require(begin({ program: 'hpcc', ranks: 40 }), countsLine());
		},
		{
			message: /copied 26607616 bytes, the large messages have 80000000$/,
		},
	);
});

test('where process_vm_* is probed, it has to be that', (t) => {
	const probe = begin({ mechanism: 'process_vm', preload: 'probed' });
	const old = {
		copy_from_process_calls: 0,
		copy_from_process_bytes: 0,
		process_vm_readv_calls: 406,
		process_vm_readv_bytes: 26_607_616,
	};
	t.notThrows(() => {
		requireUse(parseOne(probe, messageLine, countsLine(old)));
	});
	t.throws(
		() => {
			requireUse(parseOne(probe, messageLine));
		},
		{ message: /process_vm_readv and process_vm_writev copied 0 bytes/ },
	);
});

test('a run without the library has no counts to check', (t) => {
	t.notThrows(() => {
		requireUse(parseOne(begin({ mechanism: 'shared_memory', preload: undefined }), messageLine));
	});
});

test('the use of the calls in a sentence', (t) => {
	const outputs = parseOutput([
		begin(),
		messageLine,
		countsLine(),
		countsLine({ copy_to_process_calls: 2, copy_to_process_bytes: 5 }),
		begin({ preload: 'probed' }),
		countsLine({ process_vm_readv_calls: 7 }),
	]);
	t.is(
		describeUse(outputs),
		'Counted in 2 processes: copy_from_process was called 812 times and copied 53,215,232 B; copy_to_process was called 2 times and copied 5 B; process_vm_* was called 0 times.',
	);
});
