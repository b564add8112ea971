// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import type { StageReport } from '@fastipc/ltp-style-tests';
import { setImmediate } from 'node:timers/promises';
import { runStages, type PlannedStage } from '../src/test/run-stages.js';

/** Stages that write down when they begin and end. */
function recorder() {
	const events: string[] = [];
	const stage = (name: string, wholeMachine: boolean, turns: number): PlannedStage => ({
		name,
		wholeMachine,
		run: async (): Promise<StageReport> => {
			events.push(`${name} begins`);
			for (let turn = 0; turn < turns; turn++) {
				await setImmediate();
			}
			events.push(`${name} ends`);
			return { name, tests: [], seconds: 0, log: '' };
		},
	});
	return { events, stage };
}

const never = new AbortController().signal;
const nothing = (): void => undefined;

test('two stages run at a time, and what needs the whole machine alone afterwards', async (t) => {
	const { events, stage } = recorder();
	const told: string[] = [];
	const reports = await runStages(
		[
			stage('large', true, 2),
			stage('long', false, 9),
			stage('one', false, 2),
			stage('two', false, 2),
			stage('larger', true, 2),
		],
		({ name }) => {
			told.push(name);
		},
		never,
	);
	t.deepEqual(events, [
		'long begins',
		'one begins',
		'one ends',
		'two begins',
		'two ends',
		'long ends',
		'large begins',
		'large ends',
		'larger begins',
		'larger ends',
	]);
	t.deepEqual(told, ['one', 'two', 'long', 'large', 'larger']);
	t.deepEqual(
		reports.map(({ name }) => name),
		told,
	);
});

test('a stage that fails leaves none behind', async (t) => {
	const { events, stage } = recorder();
	const failing = {
		name: 'failing',
		wholeMachine: false,
		run: () => Promise.reject(new Error('no such disk')),
	};
	const { errors } = await t.throwsAsync<AggregateError>(
		runStages([failing, stage('other', false, 5)], nothing, never),
		{ instanceOf: AggregateError },
	);
	t.deepEqual(errors, [new Error('no such disk')]);
	t.is(events.at(-1), 'other ends');
});

test('no stage begins after an interrupt', async (t) => {
	const { events, stage } = recorder();
	const controller = new AbortController();
	const interrupting: PlannedStage = {
		name: 'interrupting',
		wholeMachine: false,
		run: async () => {
			const report = await stage('first', false, 1).run();
			controller.abort('SIGINT');
			return report;
		},
	};
	const stages = [interrupting, stage('beside', false, 4), stage('late', false, 1)];
	await runStages([...stages, stage('large', true, 1)], nothing, controller.signal);
	t.deepEqual(events, ['first begins', 'beside begins', 'first ends', 'beside ends']);
});
