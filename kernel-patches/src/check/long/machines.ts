// SPDX-License-Identifier: GPL-2.0-only
import { architectures } from '../../cross/architectures.js';
import { crossCompile } from '../../cross/cross-compile.js';
import { foreignSources } from '../../cross/variants.js';
import { touchedFiles } from '../../touched-files.js';
import type { Checker } from '../checker.js';
import type { Finding } from '../finding.js';
import { inPatches } from '../in-patches.js';

/** The other machines, as `npm run kernel -- cross` does it: with all series. */
export const machines: Checker = {
	name: 'machines',
	description: 'compiles for i386, arm64, riscv64, powerpc64le, s390x, options on and off',
	projects: ['linux'],
	isLong: true,
	check: async (checked) => {
		const { patches, usersTree, report } = checked;
		const findings = foreignSources(touchedFiles(patches), architectures).map((file): Finding => {
			const message = 'nothing is compiled for this machine, so neither is this file';
			return { rule: 'machines/not-compiled', file, message };
		});
		await crossCompile(architectures, { tree: usersTree, report }, (result) => {
			const { architecture, variant, problems } = result;
			findings.push(
				...problems.map(({ message, file, line }) => ({
					rule: `machines/${architecture.name}`,
					file,
					// Of the file with all series, so not of what this one's patches make of it.
					message: `${variant.description}: ${line === undefined ? '' : `line ${line}: `}${message}`,
				})),
			);
		});
		return await inPatches(checked, findings);
	},
};
