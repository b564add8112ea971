// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { BuildPlan } from './build-plan.js';
import { writeWhole } from './files.js';
import { checkConfig } from './final-config.js';
import { formatFragment } from './fragments.js';
import type { Reporter } from './reporter.js';
import { run } from './run.js';
import { buildEnvironment, makeArguments } from './toolchain.js';

/**
 * Makes the final .config out of the plan's fragments (everything else off) and checks that each
 * option asked for is in it. The plan's tree has the sources checked out already.
 * @returns the path of the .config
 * @throws UserError that names every option that is missing
 */
export async function configureKernel(plan: BuildPlan, report: Reporter): Promise<string> {
	const fragment = path.join(plan.directory, 'all.config');
	await mkdir(plan.objects, { recursive: true });
	await writeWhole(fragment, formatFragment(plan.requested));
	const args = [
		'--silent',
		...makeArguments(plan.tree, plan.objects, plan.toolchain),
		`KCONFIG_ALLCONFIG=${fragment}`,
		'allnoconfig',
	];
	await run('make', args, {
		report,
		env: buildEnvironment(path.join(plan.directory, 'ccache-config.log')),
	});
	const config = path.join(plan.objects, '.config');
	checkConfig(plan.requested, await readFile(config, 'utf8'), config);
	return config;
}
