// SPDX-License-Identifier: GPL-2.0-only
import test, { type ExecutionContext } from 'ava';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chooseAccelerator, type AcceleratorSources } from '../src/accelerator.js';

const host = { kernel: '6.1.0', boot: 'b00t', processor: 'P', qemu: 'QEMU 7.2' };

interface Trial {
	memoryFile: string;
	/** How often KVM was probed. */
	probes: number;
	lines: string[];
	choose: (changes?: Partial<AcceleratorSources>) => Promise<string>;
}

async function startTrial(t: ExecutionContext): Promise<Trial> {
	const directory = await mkdtemp(path.join(os.tmpdir(), 'accelerator-'));
	t.teardown(() => rm(directory, { recursive: true }));
	const trial: Trial = {
		memoryFile: path.join(directory, 'cache', 'accelerator.json'),
		probes: 0,
		lines: [],
		choose: (changes = {}) =>
			chooseAccelerator(
				{ image: '/i', memoryFile: trial.memoryFile, report: (line) => trial.lines.push(line) },
				{
					openKvm: () => Promise.resolve(),
					identifyHost: () => Promise.resolve(host),
					probe: () => {
						trial.probes += 1;
						return Promise.resolve({ works: false, because: 'no kernel booted' });
					},
					...changes,
				},
			),
	};
	return trial;
}

test('the answer is found once and remembered', async (t) => {
	const trial = await startTrial(t);
	t.is(await trial.choose(), 'tcg');
	t.is(await trial.choose(), 'tcg');
	t.is(trial.probes, 1);
	t.regex(trial.lines.at(-1) ?? '', /TCG, no kernel booted \(remembered in .*accelerator\.json\)/);
	t.deepEqual(JSON.parse(await readFile(trial.memoryFile, 'utf8')), {
		host,
		accelerator: 'tcg',
		because: 'no kernel booted',
	});
	t.deepEqual(await readdir(path.dirname(trial.memoryFile)), ['accelerator.json']);
});

test('a probe that succeeds', async (t) => {
	const trial = await startTrial(t);
	const probe = () => Promise.resolve({ works: true, because: 'a kernel booted' });
	t.is(await trial.choose({ probe }), 'kvm');
	t.is(await trial.choose(), 'kvm');
	t.is(trial.probes, 0);
});

for (const key of ['kernel', 'boot', 'processor', 'qemu'] as const) {
	test(`another ${key} is tried anew`, async (t) => {
		const trial = await startTrial(t);
		await trial.choose();
		await trial.choose({ identifyHost: () => Promise.resolve({ ...host, [key]: 'another' }) });
		t.is(trial.probes, 2);
	});
}

test('a memory that says nothing useful is replaced', async (t) => {
	const trial = await startTrial(t);
	await trial.choose();
	for (const nonsense of [
		'',
		'{',
		'[]',
		JSON.stringify({ host, accelerator: 'hvf', because: '' }),
	]) {
		await writeFile(trial.memoryFile, nonsense);
		t.is(await trial.choose(), 'tcg');
	}
	t.is(trial.probes, 5);
	t.is(await trial.choose(), 'tcg');
	t.is(trial.probes, 5);
});

test("a user who can't open /dev/kvm gets TCG, and nothing is remembered", async (t) => {
	const trial = await startTrial(t);
	const openKvm = () => Promise.reject(new Error("EACCES: permission denied, access '/dev/kvm'"));
	t.is(await trial.choose({ openKvm }), 'tcg');
	t.is(trial.probes, 0);
	t.regex(trial.lines.at(-1) ?? '', /TCG, for KVM can't be used: EACCES/);
	await t.throwsAsync(readFile(trial.memoryFile), { code: 'ENOENT' });
});
