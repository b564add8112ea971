// SPDX-License-Identifier: GPL-2.0-only
import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { make, type Compilation } from '../compile.js';
import { checkConfig } from '../final-config.js';
import { formatFragment } from '../fragments.js';
import { extractWarnings } from '../make-output.js';
import type { Reporter } from '../reporter.js';
import { buildEnvironment, jobCount } from '../toolchain.js';
import type { Architecture } from './architectures.js';
import { checkGenerated, readNumbers } from './check-generated.js';
import { checkSymbols } from './check-symbols.js';
import { variantOptions, type Variant } from './variants.js';

/** The files that the series touch and that the compiler reads. */
const touched = [
	'mm/remote_copy.',
	'mm/cross_memory.',
	'mm/process_vm_access.c',
	'mm/gup.c',
	'mm/internal.h',
	'kernel/sys_ni.c',
	'include/linux/syscalls.h',
	'include/uapi/linux/cross_memory.h',
	'net/dbus/',
	'net/unix/',
	'net/core/sock.c',
	'include/net/af_unix.h',
	'include/uapi/linux/dbus.h',
];

/** Where one architecture is compiled. */
export interface CrossPlace {
	/** The sources. */
	tree: string;
	/** The architecture's build folder. */
	objects: string;
	ccache: boolean;
}

function makeWords(
	{ arch, prefix }: Architecture,
	{ tree, objects, ccache }: CrossPlace,
): string[] {
	const compilers = ccache ? [`CC=ccache ${prefix}gcc`, 'HOSTCC=ccache gcc'] : [];
	return [
		`--jobs=${jobCount()}`,
		'--output-sync=target',
		'-C',
		tree,
		`O=${objects}`,
		`ARCH=${arch}`,
		`CROSS_COMPILE=${prefix}`,
		'RUSTC=none',
		'PAHOLE=none',
		// More warnings than usual, for all files alike: to change it would compile everything anew.
		'W=1',
		...compilers,
	];
}

/** The architecture's usual configuration, with the variant's options in place of its own. */
async function configure(
	architecture: Architecture,
	variant: Variant,
	{ objects }: CrossPlace,
	compilation: Compilation,
): Promise<void> {
	const ignore = (): void => undefined;
	const requested = variantOptions(variant);
	const config = path.join(objects, '.config');
	await make(compilation, architecture.configuration, 'w', ignore);
	await appendFile(config, formatFragment(requested));
	await make(compilation, 'olddefconfig', 'a', ignore);
	checkConfig(requested, await readFile(config, 'utf8'), config);
}

/**
 * Compiles what the series touch for one architecture, with its options in one way, with W=1.
 * @returns a line for each thing that is wrong: a warning in a touched file, a call that is missing
 *   in what was generated or compiled
 * @throws UserError with the compiler's errors and the path of the full log
 */
export async function compileVariant(
	architecture: Architecture,
	variant: Variant,
	place: CrossPlace,
	report: Reporter,
): Promise<string[]> {
	const { objects, tree } = place;
	const log = path.join(objects, `${variant.name}.log`);
	await mkdir(objects, { recursive: true });
	const words = makeWords(architecture, place);
	const environment = buildEnvironment(path.join(objects, 'ccache.log'));
	const compilation = { arguments: words, environment, log, report };
	await configure(architecture, variant, place, compilation);

	// What is up to date is not compiled, and so is silent about what is wrong with it.
	await Promise.all(
		variant.objects.map((name) => rm(path.join(objects, name), { force: true, recursive: true })),
	);
	const [last = '', ...others] = variant.objects;
	const lines: string[] = [];
	await make({ ...compilation, arguments: [...words, ...others] }, last, 'a', (line) => {
		lines.push(line);
	});
	const warnings = extractWarnings(lines.join('\n'));
	return [
		...warnings.filter((warning) => touched.some((file) => warning.includes(file))),
		...(await checkGenerated(architecture, objects, await readNumbers(tree))),
		...(await checkSymbols(architecture, variant, objects)),
	];
}
