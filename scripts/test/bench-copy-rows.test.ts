// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { findRow } from '../src/bench/copy/limits.js';
import { joinPasses, type Pass } from '../src/bench/copy/rows.js';
import { savedPass } from './bench-fixtures/saved-passes.js';

const counted = [savedPass('base'), savedPass('release')];

/** A pass with some of its figures multiplied. */
function scaled(pass: Pass, factor: number, subject?: string): Pass {
	const figures = pass.figures.map((figure) => ({
		...figure,
		nanoseconds:
			figure.nanoseconds * (subject === undefined || subject === figure.subject ? factor : 1),
	}));
	return { ...pass, figures };
}

test('each figure is one row under a name of its own', (t) => {
	const rows = joinPasses(counted);
	// The release kernel's floor and empty loop are only compared.
	t.is(rows.length, 112 + 51 - 11);
	const names = rows.map(({ subject, bytes, memory }) => `${subject} ${bytes} ${memory}`);
	t.is(new Set(names).size, rows.length);
	t.true(rows.every(({ nanoseconds }) => nanoseconds === null));
});

test('the peers of the patched kernel are told apart from the unpatched ones', (t) => {
	const rows = joinPasses(counted);
	const count = (subject: string) => findRow(rows, subject, 'small', 1)?.instructions;
	t.is(count('process_vm_readv'), 2152.89);
	t.is(count('process_vm_readv (patched)'), 1555.18);
	t.is(count('copy_from_process'), 1229.17);
});

test('rows are in the order of memory, subject and size', (t) => {
	const rows = joinPasses(counted.toReversed());
	t.deepEqual(
		rows.slice(0, 4).map(({ subject, bytes }) => [subject, bytes]),
		[
			['empty_loop', 0],
			['handshake', 0],
			['floor', 1],
			['floor', 512],
		],
	);
	t.deepEqual(rows, joinPasses(counted));
	t.is(rows.at(-1)?.memory, 'thp');
});

test('times stand beside the counts of the same figure', (t) => {
	const timed = counted.map((pass): Pass => ({ ...scaled(pass, 2), clock: 'time' }));
	const rows = joinPasses([...counted, ...timed]);
	t.is(rows.length, 152);
	t.true(rows.every(({ instructions, nanoseconds }) => nanoseconds === 2 * instructions));
});

test('boots that count differently are not compared', (t) => {
	const within = scaled(savedPass('release'), 1.005, 'floor');
	t.notThrows(() => joinPasses([savedPass('base'), within]));
	const beyond = scaled(savedPass('release'), 1.02, 'floor');
	t.throws(() => joinPasses([savedPass('base'), beyond]), {
		message: /^floor, 1 B of small memory: .* can't be compared$/,
	});
	t.throws(() => joinPasses([savedPass('release')]), { message: /can't be compared/ });
});
