// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { PassThrough } from 'node:stream';
import { formatDuration } from '../src/durations.js';
import { createReporter, describeProgress, reportStage } from '../src/reporter.js';
import { createRecorder } from './helpers/recorder.js';

for (const [milliseconds, text] of [
	[0, '0.0 s'],
	[440, '0.4 s'],
	[9_940, '9.9 s'],
	[9_960, '10 s'],
	[59_400, '59 s'],
	[59_600, '1 min 0 s'],
	[250_000, '4 min 10 s'],
	[3_900_000, '1 h 5 min'],
] as const) {
	test(`${milliseconds} ms is ${text}`, (t) => {
		t.is(formatDuration(milliseconds), text);
	});
}

test('progress says how much of how much, and the time left once there is a rate', (t) => {
	const options = { label: 'x', unit: 'objects', total: 1500, about: true } as const;
	t.is(describeProgress(options, 0, 5_000), '0 of about 1500 objects, 0 %');
	t.is(describeProgress(options, 1, 1_000), '1 of about 1500 objects, 0 %');
	t.is(describeProgress(options, 500, 60_000), '500 of about 1500 objects, 33 %, 2 min 0 s left');
	t.is(describeProgress(options, 1600, 60_000), '1600 of about 1600 objects, 100 %');
	t.is(
		describeProgress({ label: 'x', unit: 'MB', total: 166.8 }, 83.4, 10_000),
		'83 of 167 MB, 50 %, 10 s left',
	);
});

test('without a terminal, progress is a plain line every 15 seconds', (t) => {
	const stream = new PassThrough({ encoding: 'utf8' });
	let now = 0;
	const report = createReporter(stream, () => now);
	const progress = report.progress({ label: 'building', unit: 'objects', total: 100 });
	for (; now <= 40_000; now += 1_000) {
		progress.update(now / 1_000);
	}
	progress.stop();
	report.say('done');
	t.deepEqual(String(stream.read()).split('\n'), [
		'fastipc: building: 15 of 100 objects, 15 %, 1 min 25 s left',
		'fastipc: building: 30 of 100 objects, 30 %, 1 min 10 s left',
		'fastipc: done',
		'',
	]);
});

test('on a terminal, it is a bar that goes when it is done', (t) => {
	const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true });
	const report = createReporter(stream);
	const progress = report.progress({ label: 'building', unit: 'objects', total: 4 });
	progress.update(2);
	report.say('in between');
	progress.stop();
	const written = String(stream.read());
	t.true(written.includes('fastipc: building [############............] 2 of 4 objects, 50 %'));
	t.true(written.includes('\r\u001B[Kfastipc: in between\n'));
});

test('a stage says what came of it and how long it took', async (t) => {
	const report = createRecorder();
	t.is(
		await reportStage(
			report,
			(n) => `made ${n}`,
			() => Promise.resolve(3),
		),
		3,
	);
	t.regex(report.said.join(), /^made 3 \(0\.\d s\)$/);
});
