// SPDX-License-Identifier: GPL-2.0-only
import test, { type ExecutionContext } from 'ava';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
	benchDbus,
	type DbusBenchOptions,
	type DbusBenchSources,
} from '../src/bench/dbus/bench-dbus.js';
import { createDbusCommand } from '../src/bench/dbus/command.js';
import { rowsSchema } from '../src/bench/dbus/rows.js';
import { benchCommand, type PassOptions } from '../src/bench/dbus/run-pass.js';
import { savedFigures, type SavedBuses } from './bench-fixtures/saved-buses.js';

const report = {
	say: () => undefined,
	progress: () => ({ update: () => undefined, stop: () => undefined }),
};

/** A machine on which everything is as it was saved. */
function savedMachine(
	saved: SavedBuses,
	passes: PassOptions[] = [],
	accelerator: 'kvm' | 'tcg' = 'tcg',
): DbusBenchSources {
	return {
		build: () => Promise.resolve(),
		findKernel: ({ image = '/release' }) => Promise.resolve(image),
		chooseAccelerator: () => Promise.resolve(accelerator),
		findUnpacked: () => Promise.resolve('/unpacked'),
		makeLogDirectory: () => Promise.resolve('/logs'),
		runPass: (options) => {
			passes.push(options);
			const found = savedFigures(options.plan, saved);
			return Promise.resolve({ clock: options.clock, found });
		},
	};
}

const interrupt = new AbortController().signal;

async function run(t: ExecutionContext, saved: SavedBuses, ...words: string[]) {
	const directory = await mkdtemp(path.join(os.tmpdir(), 'bench-'));
	t.teardown(() => rm(directory, { recursive: true }));
	const ran = {
		directory,
		given: [] as DbusBenchOptions[],
		statuses: [] as number[],
		printed: [] as string[],
	};
	const command = createDbusCommand({
		bench: (options) => {
			ran.given.push(options);
			return benchDbus(options, savedMachine(saved));
		},
		benchWithoutDirect: ({ count }) =>
			Promise.resolve([
				{ bytes: count, unix: 100, dbus: 106, ratio: 1.06, atMost: 1.05, kept: false },
			]),
		print: (line) => ran.printed.push(line),
		report,
		interrupt,
		exitWith: (status) => ran.statuses.push(status),
	});
	command.exitOverride().configureOutput({ writeErr: () => undefined });
	const files = ['--json', `${directory}/dbus.json`, '--svg', `${directory}/dbus.svg`];
	await command.parseAsync([...files, ...words], { from: 'user' });
	return ran;
}

const good = { direct: true };
const missed = { direct: true, costs: { 'dbus-daemon': 100_000 } };

test('--json writes an array of objects, --svg a plot', async (t) => {
	const { directory, printed } = await run(t, good);
	const rows = rowsSchema.parse(JSON.parse(await readFile(`${directory}/dbus.json`, 'utf8')));
	t.deepEqual(rows[0], {
		subject: 'socketpair',
		client: 'sd-bus',
		workload: 'call',
		bytes: 0,
		instructions: 39_000,
		nanoseconds: null,
	});
	t.is(printed.at(-1), 'all 30 limits kept');
	const svg = await readFile(`${directory}/dbus.svg`, 'utf8');
	t.regex(svg, /^<svg .*<\/svg>\n$/s);
	for (const line of ['AF_DBUS, sd-bus', 'dbus-daemon, libdbus', 'socketpair-addressed, sd-bus']) {
		t.true(svg.includes(`>${line}</text>`), line);
	}
});

test('a missed limit is a failure only if it is checked', async (t) => {
	t.deepEqual((await run(t, missed)).statuses, []);
	t.deepEqual((await run(t, missed, '--check')).statuses, [1]);
	t.deepEqual((await run(t, good, '--check')).statuses, []);
	t.deepEqual((await run(t, { ...missed, direct: false }, '--check')).statuses, []);
});

test('a part is measured alone', async (t) => {
	const { given } = await run(
		t,
		good,
		...['--subject', 'AF_DBUS', 'dbus-daemon', '--client', 'sd-bus'],
		...['--workload', 'call', '--bytes', '0', '64', '--image', '/mine'],
	);
	t.like(given[0], {
		selection: {
			subjects: ['AF_DBUS', 'dbus-daemon'],
			clients: ['sd-bus'],
			workloads: ['call'],
			bytes: [0, 64],
		},
		image: '/mine',
	});
});

for (const words of [
	['--subject', 'dbus'],
	['--client', 'gdbus'],
	['--workload', 'uncrowded'],
	['--workload', 'no-reader'],
	['--bytes', '65'],
	['--count', '0'],
]) {
	test(`refused: ${words.join(' ')}`, async (t) => {
		await t.throwsAsync(run(t, good, ...words), { code: 'commander.invalidArgument' });
	});
}

test('what leaves nothing to measure is refused', async (t) => {
	await t.throwsAsync(run(t, good, '--workload', 'crowded', '--client', 'libdbus'), {
		message: /nothing is left to measure/,
	});
});

test('--without-direct measures the daemon on both kinds of sockets', async (t) => {
	const ran = await run(t, good, '--without-direct', '--count', '7', '--check');
	t.deepEqual([ran.given, ran.statuses], [[], [1]]);
	const rows: unknown = JSON.parse(await readFile(`${ran.directory}/dbus.json`, 'utf8'));
	t.like(rows, [{ bytes: 7, ratio: 1.06 }]);
});

test('under TCG instructions are counted; where KVM works, time is measured as well', async (t) => {
	for (const accelerator of ['tcg', 'kvm'] as const) {
		const passes: PassOptions[] = [];
		const options = { selection: { bytes: [64] }, report, interrupt };
		const { rows } = await benchDbus(options, savedMachine(good, passes, accelerator));
		t.deepEqual(
			passes.map(({ clock }) => clock),
			accelerator === 'kvm' ? ['instructions', 'time'] : ['instructions'],
		);
		t.true(rows.every(({ nanoseconds }) => (nanoseconds !== null) === (accelerator === 'kvm')));
	}
});

test('dbus-broker is had only if it is measured', async (t) => {
	for (const [subject, unpacked] of [
		['dbus-broker', '/unpacked'],
		['dbus-daemon', undefined],
	] as const) {
		const passes: PassOptions[] = [];
		const selection = { subjects: [subject], bytes: [64] };
		await benchDbus({ selection, report, interrupt }, savedMachine(good, passes));
		t.is(passes[0]?.unpacked, unpacked);
	}
});

test('bus-bench is told where everything is, and what to measure', async (t) => {
	const passes: PassOptions[] = [];
	const selection = { subjects: ['dbus-broker'], workloads: ['signal'], bytes: [0] } as const;
	const clients = ['libdbus'] as const;
	await benchDbus(
		{ selection: { ...selection, clients }, report, interrupt },
		savedMachine(good, passes),
	);
	const words = benchCommand(passes[0] ?? { plan: [], unpacked: undefined });
	t.deepEqual(
		words.slice(3).map((word) => path.basename(word)),
		[
			'sh',
			'unpacked',
			'bus-bench',
			'bus-client',
			'libdbus-preload.so',
			'dbus-broker,libdbus,signal,0,16,200,100,2',
		],
	);
});
