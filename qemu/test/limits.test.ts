// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { limitsFor } from '../src/limits.js';

test('limits grow with what makes a guest slow', (t) => {
	const fast = { accelerator: 'kvm', debugChecks: false, icount: false } as const;
	t.deepEqual(limitsFor(fast), { factor: 1, bootSeconds: 20, silenceSeconds: 100 });
	t.deepEqual(limitsFor({ ...fast, accelerator: 'tcg' }), {
		factor: 3,
		bootSeconds: 60,
		silenceSeconds: 300,
	});
	t.is(limitsFor({ accelerator: 'tcg', debugChecks: true, icount: false }).factor, 9);
	t.is(limitsFor({ accelerator: 'tcg', debugChecks: true, icount: true }).factor, 18);
});
