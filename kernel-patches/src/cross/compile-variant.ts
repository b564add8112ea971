// SPDX-License-Identifier: GPL-2.0-only
import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { make, type Compilation } from '../compile.js';
import { checkConfig } from '../final-config.js';
import { formatFragment } from '../fragments.js';
import { readComplaint } from '../make-output.js';
import type { Reporter } from '../reporter.js';
import { buildEnvironment, jobCount } from '../toolchain.js';
import { pathInTree } from '../touched-files.js';
import { UserError } from '../user-error.js';
import type { Architecture } from './architectures.js';
import { checkGenerated, readNumbers } from './check-generated.js';
import { checkSymbols } from './check-symbols.js';
import { variantOptions, type Variant } from './variants.js';

/** Something that is wrong. */
export interface CrossProblem {
	/** The file that it is about, of those that the series touch. */
	file?: string | undefined;
	/** In the file, counted from 1. */
	line?: number | undefined;
	message: string;
}

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
	const requested = await variantOptions(variant);
	const config = path.join(objects, '.config');
	await make(compilation, architecture.configuration, 'w', ignore);
	await appendFile(config, formatFragment(requested));
	await make(compilation, 'olddefconfig', 'a', ignore);
	checkConfig(requested, await readFile(config, 'utf8'), config);
}

/** What is said about the files that the series touch. */
export function readProblems(lines: readonly string[], touched: readonly string[]): CrossProblem[] {
	return lines.flatMap((text) => {
		const said = readComplaint(text);
		const file = said && pathInTree(said.file, touched);
		return said === undefined || file === undefined ? [] : [{ ...said, file }];
	});
}

/** Makes the objects; returns what is wrong with them. */
async function makeObjects(
	compilation: Compilation,
	wanted: readonly string[],
	touched: readonly string[],
): Promise<CrossProblem[]> {
	const [last = '', ...others] = wanted;
	const words = [...compilation.arguments, '--keep-going', ...others];
	const lines: string[] = [];
	try {
		await make({ ...compilation, arguments: words }, last, 'a', (line) => lines.push(line));
	} catch (error) {
		const problems = readProblems(lines, touched);
		const isTold = problems.some(({ message }) => message.includes('error: '));
		if (error instanceof UserError) {
			return isTold ? problems : [...problems, { message: error.message }];
		}
		throw error;
	}
	return readProblems(lines, touched);
}

/**
 * Compiles what the series touch for one architecture, with its options in one way, with W=1.
 * @param wanted objects, and folders of objects
 * @param touched the files that the series touch
 * @returns what is wrong: a warning or an error in a touched file, a call that is missing in what was
 *   generated or compiled
 * @throws UserError if it could not be configured, with the path of the full log
 */
export async function compileVariant(
	architecture: Architecture,
	variant: Variant,
	place: CrossPlace,
	{ wanted, touched }: { wanted: readonly string[]; touched: readonly string[] },
	report: Reporter,
): Promise<CrossProblem[]> {
	const { objects, tree } = place;
	const log = path.join(objects, `${variant.name}.log`);
	await mkdir(objects, { recursive: true });
	const words = makeWords(architecture, place);
	const environment = buildEnvironment(path.join(objects, 'ccache.log'));
	const compilation = { arguments: words, environment, log, report };
	await configure(architecture, variant, place, compilation);

	// What is up to date is not compiled, and so is silent about what is wrong with it.
	await Promise.all(
		wanted.map((name) => rm(path.join(objects, name), { force: true, recursive: true })),
	);
	const problems = await makeObjects(compilation, wanted, touched);
	const numbers = await readNumbers(tree);
	const missing = [
		...(await checkGenerated(architecture, objects, numbers)),
		// What did not compile has no symbols to look for.
		...(problems.length === 0 ? await checkSymbols(architecture, wanted, objects) : []),
	];
	return [...problems, ...missing.map((message) => ({ message }))];
}
