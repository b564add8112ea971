// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { callersTable, createCallersCommand } from '../src/bench/callers/command.js';
import { callersRows, parseRate, type Rate } from '../src/bench/callers/rates.js';

const report = {
	say: () => undefined,
	progress: () => ({ update: () => undefined, stop: () => undefined }),
};

/** Three rounds, in which one target gives so much of what two give. */
function ratesWith(sameRange: number): Rate[] {
	const factors = { 'two-targets': 1, 'same-range': sameRange, 'disjoint-ranges': 0.95 };
	return (['copy_from_process', 'copy_to_process'] as const).flatMap((subject) =>
		(['two-targets', 'same-range', 'disjoint-ranges'] as const).flatMap((arrangement) =>
			// One round in which the machine did something else.
			[1, 1.02, 0.1].map((noise, round) => ({
				subject,
				arrangement,
				bytes: 1024 * 1024,
				round,
				bytesPerSecond: 2e9 * factors[arrangement] * noise,
			})),
		),
	);
}

test('the median of the rounds is held against the one with two targets', (t) => {
	const rows = callersRows(ratesWith(0.89));
	t.deepEqual(
		rows.map(({ arrangement, ratio, kept }) => [arrangement, ratio.toFixed(2), kept]),
		[
			['two-targets', '1.00', true],
			['same-range', '0.89', false],
			['disjoint-ranges', '0.95', true],
			['two-targets', '1.00', true],
			['same-range', '0.89', false],
			['disjoint-ranges', '0.95', true],
		],
	);
	t.is(rows[0]?.bytesPerSecond, 2e9);
});

test('an arrangement that is missing is an error', (t) => {
	const rates = ratesWith(1).filter(({ arrangement }) => arrangement !== 'same-range');
	t.throws(() => callersRows(rates), { message: /left out an arrangement/ });
});

for (const line of ['nonsense', '{"subject":"pipe"}', JSON.stringify({ bytesPerSecond: 1 })]) {
	test(`no rate: ${line}`, (t) => {
		t.throws(() => parseRate(line), {
			message: `copy-callers printed a line that isn't a rate: ${line}`,
		});
	});
}

test('the table shows what was missed', (t) => {
	const text = callersTable(callersRows(ratesWith(0.5)));
	t.regex(text, /same-range +│ +1,000 │ +0\.500 ≥ 0\.90 ✗/);
	t.regex(text, /disjoint-ranges +│ +1,900 │ +0\.950 ≥ 0\.90 ✓/);
});

for (const [words, expected] of [
	[['--check'], [1]],
	[[], []],
] as const) {
	test(`a missed limit and the options "${words.join(' ')}"`, async (t) => {
		const statuses: number[] = [];
		const command = createCallersCommand({
			bench: () => Promise.resolve(callersRows(ratesWith(0.5))),
			print: () => undefined,
			report,
			interrupt: new AbortController().signal,
			exitWith: (status) => statuses.push(status),
		});
		await command.parseAsync([...words], { from: 'user' });
		t.deepEqual(statuses, [...expected]);
	});
}
