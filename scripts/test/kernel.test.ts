// SPDX-License-Identifier: GPL-2.0-only
import {
	crossVariants as variants,
	UserError,
	type KernelFlavour,
	type KernelImage,
	type KernelOptions,
} from '@fastipc/kernel-patches';
import test from 'ava';
import { execa } from 'execa';
import { fileURLToPath } from 'node:url';
import { createKernelCommand, type KernelStages } from '../src/kernel.js';

function imageOf(flavour: KernelFlavour): KernelImage {
	return {
		flavour,
		key: flavour,
		directory: '/k',
		image: `/k/${flavour}/bzImage`,
		config: '/k/config',
		modules: '/k/modules',
		syscallNumbers: '/k/syscall-numbers.json',
		release: '7.3.4',
	};
}

/** Runs a command line on stages that only note what they are asked for. */
async function runNoting(
	args: string[],
	printed: string[] = [],
): Promise<{ asked: string[]; printed: string[] }> {
	const asked: string[] = [];
	const note = (stage: string, flavour: string, { tree }: KernelOptions): void => {
		asked.push([stage, flavour, tree ?? 'pinned'].join(' '));
	};
	const stages: KernelStages = {
		fetch: (options) => {
			note('fetch', '-', options);
			return Promise.resolve({ repository: '/r.git', commit: 'c', version: 'v', suffix: '' });
		},
		fetchOther: (minor) => {
			asked.push(`fetch ${minor}`);
			return Promise.resolve({
				repository: `/${minor}.git`,
				commit: 'c',
				version: 'v',
				suffix: '',
			});
		},
		apply: (flavour, options) => {
			note('apply', flavour, options);
			return Promise.resolve(`/build/${flavour}/tree`);
		},
		config: (flavour, options) => {
			note('config', flavour, options);
			return Promise.resolve(`/build/${flavour}/.config`);
		},
		build: (flavour, options) => {
			note('build', flavour, options);
			return Promise.resolve(imageOf(flavour));
		},
		cross: (chosen, options, tell) => {
			const variant = variants[0]!;
			for (const architecture of chosen) {
				note('cross', architecture.name, options);
				const problem = { file: 'mm/gup.c', line: 1, message: 'error: no\nmore' };
				const problems = architecture.name === 's390x' ? [problem] : [];
				const objects = ['mm/gup.o', 'net/unix/'];
				tell({ architecture, variant, objects, problems, cached: architecture.name === 'i386' });
			}
			return Promise.resolve();
		},
	};
	const command = createKernelCommand((line) => {
		printed.push(line);
	}, stages);
	await command.parseAsync(args, { from: 'user' });
	return { asked, printed };
}

for (const [args, asked, printed] of [
	[['fetch'], ['fetch - pinned'], ['/r.git']],
	[['fetch', '--tree', '/linux'], ['fetch - /linux'], ['/r.git']],
	[['fetch', '--other', '7.2'], ['fetch 7.2'], ['/7.2.git']],
	[['apply'], ['apply release pinned'], ['/build/release/tree']],
	[['config', '--kernel', 'debug'], ['config debug pinned'], ['/build/debug/.config']],
	[['build', '--kernel', 'base', '--tree', '/linux'], ['build base /linux'], ['/k/base/bzImage']],
	[
		['build', '--kernel', 'all'],
		['build release pinned', 'build debug pinned', 'build base pinned'],
		['/k/release/bzImage', '/k/debug/bzImage', '/k/base/bzImage'],
	],
	[
		['cross', '--arch', 'arm64,i386', '--tree', '/linux'],
		['cross arm64 /linux', 'cross i386 /linux'],
		[
			'arm64 with the calls and AF_DBUS: 2 objects, good',
			'i386 with the calls and AF_DBUS: 2 objects, good (found out earlier)',
		],
	],
] as const) {
	test(`npm run kernel -- ${args.join(' ')}`, async (t) => {
		const result = await runNoting([...args]);
		t.deepEqual(result, { asked: [...asked], printed: [...printed] });
	});
}

test('a compilation that fails for another machine does not end the others, but fails', async (t) => {
	const printed: string[] = [];
	const error = await t.throwsAsync(runNoting(['cross'], printed), { instanceOf: UserError });
	t.regex(error.message, /1 of the compilations/);
	t.deepEqual(printed, [
		'arm64 with the calls and AF_DBUS: 2 objects, good',
		'riscv64 with the calls and AF_DBUS: 2 objects, good',
		'powerpc64le with the calls and AF_DBUS: 2 objects, good',
		's390x with the calls and AF_DBUS: 2 objects, FAILED',
		'  mm/gup.c:1: error: no\n  more',
		'i386 with the calls and AF_DBUS: 2 objects, good (found out earlier)',
	]);
});

test('defaults are named in the help, not printed as they are stored', (t) => {
	const command = createKernelCommand(() => undefined);
	const help = (name: string): string =>
		command.commands
			.find((each) => each.name() === name)
			?.helpInformation()
			.replace(/\s+/g, ' ') ?? '';
	t.regex(help('cross'), /i386 or all \(default: all\)/);
	t.regex(help('build'), /\(default: release\)/);
});

const program = fileURLToPath(new URL('../src/kernel.js', import.meta.url));

test('a failure whose cause is known is one message on stderr, without a stack, and status 1', async (t) => {
	const tree = '/nonexistent/linux';
	const result = await execa(
		process.execPath,
		[...process.execArgv, program, 'fetch', '--tree', tree],
		{ reject: false },
	);
	t.is(result.exitCode, 1);
	t.is(result.stdout, '');
	t.is(result.stderr, `fastipc: --tree ${tree}: there is no such folder`);
});

test('an unknown flavour is refused with what there is', async (t) => {
	const result = await execa(
		process.execPath,
		[...process.execArgv, program, 'build', '--kernel', 'fast'],
		{ reject: false },
	);
	t.is(result.exitCode, 1);
	t.regex(
		result.stderr,
		/'fast' is invalid\. expected release, debug, base, rt, kcsan, module or all/,
	);
});
